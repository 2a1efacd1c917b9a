package dev.kausal.statistics

import kotlin.math.abs

/** What is so small beside the values themselves comes of adding in another order, however often it has one sign. */
public object Rounding {
    /** Sums of float32 in two orders have differed by up to 4e-5 where values were about 10. */
    public const val SHARE: Double = 1e-5

    /**
     * [changes] with 0 in place of what is below [floor]: a test would otherwise find rounding that leans to one side.
     *
     * @param values what the changes are changes of or between, [example, cell]
     * @param floor what rounding amounts to, as far as a run has measured it; [SHARE] of the largest of [values] if it is null
     */
    public fun removed(
        changes: Sample,
        values: List<List<Double?>>,
        floor: Double? = null,
    ): Sample {
        val sizes = values.flatten().mapNotNull { it?.let(::abs)?.takeIf(Double::isFinite) }
        val least = floor ?: (SHARE * (sizes.maxOrNull() ?: 0.0))
        return changes.with(changes.values.map { row -> row.map { if (it != null && abs(it) < least) 0.0 else it } })
    }
}
