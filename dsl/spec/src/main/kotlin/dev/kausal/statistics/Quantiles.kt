package dev.kausal.statistics

import org.apache.commons.statistics.descriptive.Quantile

/**
 * Quantiles with linear interpolation between order statistics: NumPy's and R's default (type 7 of Hyndman and Fan
 * 1996).
 */
public object Quantiles {
    private val quantile = Quantile.withDefaults().with(Quantile.EstimationMethod.HF7)

    /**
     * Returns the value below which a [share] of [values] lies.
     *
     * @throws IllegalArgumentException if there are no values, or [share] is not from 0 to 1
     */
    public fun of(
        values: List<Double>,
        share: Double,
    ): Double {
        require(values.isNotEmpty()) { "a quantile needs at least one value" }
        return quantile.evaluate(values.toDoubleArray(), share)
    }

    /** Returns the median of [values]; the mean of the two middle ones if their number is even. */
    public fun median(values: List<Double>): Double = of(values, MIDDLE)

    /** Returns the quantiles at [shares] of values that are [sorted] in ascending order. */
    internal fun ofSorted(
        sorted: DoubleArray,
        vararg shares: Double,
    ): DoubleArray = quantile.evaluate(sorted.size, { sorted[it] }, *shares)

    private const val MIDDLE = 0.5
}
