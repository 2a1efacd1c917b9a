package dev.kausal.experiments

import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.model.ModelSource
import dev.kausal.engine.plan.Sizes
import dev.kausal.run.PlanSummary
import java.lang.management.ManagementFactory
import java.nio.file.Path
import kotlin.io.path.isReadable
import kotlin.io.path.useLines

/**
 * The memory limit of a run, including the JVM and the native library.
 *
 * @property bytes total limit
 * @property given whether the user set it
 */
internal class MemoryBudget private constructor(
    private val bytes: Long,
    private val given: Boolean,
) {
    /** Returns the bytes for base runs and groups, after subtracting the runtime and the weights of [source]. */
    fun beyondWeights(source: ModelSource): Long = maxOf(LEAST, bytes - RUNTIME - sizes(source).weightBytes())

    /**
     * Returns the plan of [bound] within this budget, for this number of [threads].
     *
     * @throws MemoryBudgetException if the user's budget is too small for one cell at a time
     */
    fun plan(
        bound: BoundExperiment,
        source: ModelSource,
        threads: Int,
    ): PlanSummary {
        val budget = beyondWeights(source)
        val plan = PlanSummary.of(
            bound.spec,
            sizes(source),
            source.points(),
            budget,
            threads,
            source.device().tuning(),
            bound.runnable().images,
        )
        val needed = plan.peakBytes + plan.heapBytes + RUNTIME
        if (given && needed > bytes) throw MemoryBudgetException(needed, bytes)
        return plan
    }

    private fun sizes(source: ModelSource) = Sizes(source.config())

    companion object {
        /** Memory of the JVM with its classes, and of PyTorch's libraries. */
        private const val RUNTIME = 500_000_000L

        /** Forces groups of one cell. */
        private const val LEAST = 1L

        /**
         * Returns the user's limit; by default the largest power of two within half of the machine's free memory, 4 GB
         * at most. The steps are that coarse because the budget determines which cells share a matrix product, and so
         * the last digits of numbers.
         */
        fun of(options: RunOptions): MemoryBudget =
            options.memoryBytes?.let { MemoryBudget(it, given = true) }
                ?: MemoryBudget(minOf(java.lang.Long.highestOneBit(free() / 2), MOST), given = false)

        private const val MOST = 1L shl 32

        private fun free(): Long {
            val info = Path.of("/proc/meminfo")
            val available =
                if (info.isReadable()) {
                    info.useLines { lines ->
                        lines.firstNotNullOfOrNull(::availableKilobytes)
                    }
                } else {
                    null
                }
            val system = ManagementFactory.getOperatingSystemMXBean() as com.sun.management.OperatingSystemMXBean
            // A container's limit may be below the machine's memory.
            return minOf(available?.times(KILO) ?: Long.MAX_VALUE, system.totalMemorySize)
        }

        private fun availableKilobytes(line: String): Long? =
            line
                .takeIf { it.startsWith("MemAvailable:") }
                ?.filter(Char::isDigit)
                ?.toLongOrNull()

        private const val KILO = 1024L
    }
}

internal class MemoryBudgetException(
    needed: Long,
    budget: Long,
) : KausalException(
        Blame.USER,
        "This run needs at least ${needed / MEGA} MB with its weights, but --memory allows ${budget / MEGA} MB. " +
            "Allow more, or use a smaller model.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
        private const val MEGA = 1_000_000L
    }
}
