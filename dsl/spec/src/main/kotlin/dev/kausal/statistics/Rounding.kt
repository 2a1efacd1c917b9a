package dev.kausal.statistics

import kotlin.math.abs

/**
 * Differences that are tiny relative to the values, which come from another order of summation, however consistent
 * their sign.
 */
public object Rounding {
    /** Float32 sums in two orders differed by up to 4e-5 for values of about 10. */
    public const val SHARE: Double = 1e-5

    /**
     * Returns [changes] with 0 in place of those below [floor]: otherwise a test could detect rounding with a
     * systematic sign.
     *
     * @param values values that the changes are between [example, cell]
     * @param floor rounding error as measured by a run; [SHARE] of the largest of [values] if null
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
