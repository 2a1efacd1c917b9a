package dev.kausal.experiments

import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.family.Placement
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
    /**
     * Returns the plan of [bound] within this budget, for this number of [threads]: with all weights in memory if they
     * fit, else with layers that are read as passes reach them. [streamed] asks for the latter in any case.
     *
     * @throws MemoryBudgetException if the user's budget is too small for one cell at a time
     */
    fun plan(
        bound: BoundExperiment,
        source: ModelSource,
        threads: Int,
        streamed: Boolean = false,
    ): PlacedPlan {
        val resident = placed(bound, source, threads, Placement.RESIDENT, bytes)
        val fits = if (given) resident.needed <= bytes else Sizes(source.config()).weightBytes() <= free() / 2
        if (fits && !streamed) return resident
        val limit = if (given) bytes else java.lang.Long.highestOneBit(free() / 2)
        val least = placed(bound, source, threads, Placement.streaming(0), limit)
        if (given && least.needed > bytes) throw MemoryBudgetException(minOf(least.needed, resident.needed), bytes)
        val layers = (limit - least.needed).coerceAtLeast(0) / Sizes(source.config()).layerBytes()
        return if (layers == 0L) least else least.holding(minOf(layers, source.config().layers().toLong()).toInt())
    }

    private fun placed(
        bound: BoundExperiment,
        source: ModelSource,
        threads: Int,
        placement: Placement,
        limit: Long,
    ): PlacedPlan {
        val tuning = source.device().tuning()
        val sizes = Sizes(source.config(), placement)
        val budget = maxOf(LEAST, limit - RUNTIME - sizes.heldBytes())
        val plan = { placed: Placement ->
            PlanSummary.of(
                bound.spec,
                Sizes(source.config(), placed),
                source.points(),
                budget,
                threads,
                if (placed.streamed()) tuning.streaming() else tuning,
                bound.runnable().images,
            )
        }
        return PlacedPlan(placement, budget, plan)
    }

    /**
     * A plan with the place of its weights.
     *
     * @property placement where the weights are
     * @property beyondWeights bytes for base runs and groups, after subtracting the runtime and the weights in memory
     */
    class PlacedPlan(
        val placement: Placement,
        val beyondWeights: Long,
        private val planned: (Placement) -> PlanSummary,
    ) {
        val plan: PlanSummary = planned(placement)

        /** Bytes of the whole process. */
        val needed: Long get() = plan.peakBytes + plan.heapBytes + RUNTIME

        /** Returns the same plan with more [layers] in memory. */
        fun holding(layers: Int): PlacedPlan = PlacedPlan(Placement.streaming(layers), beyondWeights, planned)
    }

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
        "This run needs at least ${needed / MEGA} MB, even with weights read layer by layer, but --memory allows " +
            "${budget / MEGA} MB. " +
            "Allow more, or use a smaller model.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
        private const val MEGA = 1_000_000L
    }
}
