package dev.kausal.experiments

import dev.kausal.engine.errors.KausalException
import dev.kausal.run.PlanSummary
import java.nio.file.Files
import java.nio.file.Path

/** Checks that the disk and Java's heap can hold the results of a run. */
internal class RunSpace private constructor(
    private val plan: PlanSummary,
    private val out: Path,
    private val free: Long,
    private val heap: Long,
) {
    /** Returns why the results do not fit; null if they do. */
    fun refusal(): KausalException? {
        plan.unreadable?.let { return TooManyNumbersException(it) }
        if (plan.bundleBytes > free) return DiskTooSmallException(plan.bundleBytes, free, out)
        val needed = plan.heapBytes + RUNTIME
        return if (plan.heapBytes > SMALL && needed > heap) HeapTooSmallException(needed, heap) else null
    }

    /** Throws if the results do not fit. */
    fun check() {
        refusal()?.let { throw it }
    }

    companion object {
        /** Heap used by Java itself and a script. */
        private const val RUNTIME = 150_000_000L

        /** Smaller sizes are within the error of the estimate. */
        private const val SMALL = 50_000_000L

        /** Measures the disk of the bundle: that of [out], or of the runs folder if it is null. */
        fun of(
            plan: PlanSummary,
            out: Path?,
        ): RunSpace {
            val folder = (out ?: Path.of("runs")).toAbsolutePath().normalize()
            val there = generateSequence(folder) { it.parent }.first { Files.exists(it) }
            return of(plan, folder, Files.getFileStore(there).usableSpace, Runtime.getRuntime().maxMemory())
        }

        fun of(
            plan: PlanSummary,
            out: Path,
            free: Long,
            heap: Long,
        ): RunSpace = RunSpace(plan, out, free, heap)
    }
}

internal class DiskTooSmallException(
    needed: Long,
    free: Long,
    out: Path,
) : KausalException(
        Blame.MACHINE,
        "The results of this run take about ${needed / MEGA} MB, but the disk of $out has ${free / MEGA} MB free. " +
            "Free some space, choose an --out on another disk, or use fewer inputs, layers or heads, or means.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
        private const val MEGA = 1_000_000L
    }
}

internal class HeapTooSmallException(
    needed: Long,
    heap: Long,
) : KausalException(
        Blame.MACHINE,
        "The results of this run need about ${needed / MEGA} MB of Java's heap, but its limit is ${heap / MEGA} MB. " +
            "Raise the limit (KAUSAL_JAVA_OPTS=-Xmx${needed / GIGA + 1}g), or use shorter inputs or fewer layers.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
        private const val MEGA = 1_000_000L
        private const val GIGA = 1L shl 30
    }
}

internal class TooManyNumbersException(
    message: String,
) : KausalException(Blame.USER, message) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}
