package dev.kausal.statistics

import dev.kausal.spec.Numbers
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
        val least = floor ?: (SHARE * largest(values))
        return changes.with(
            changes.values.map { row ->
                Numbers.of(row.size) { cell -> row[cell]?.let { if (abs(it) < least) 0.0 else it } }
            },
        )
    }

    /** Returns the largest absolute value; 0 if there is none. */
    private fun largest(values: List<List<Double?>>): Double {
        var largest = 0.0
        for (row in values) {
            for (value in row) {
                if (value != null &&
                    value.isFinite()
                ) {
                    largest = maxOf(largest, abs(value))
                }
            }
        }
        return largest
    }
}
