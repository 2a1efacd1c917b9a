package dev.kausal.statistics

import dev.kausal.spec.Numbers
import kotlin.math.abs
import kotlin.math.sign

/** Normalisation by a difference that may be small. */
public object Ratios {
    /** An example whose scale is below this share of the median scale is not divided. */
    public const val SMALL: Double = 0.05

    /** A mean scale within this many standard errors of 0 is too small to divide by. */
    public const val ERRORS: Double = 2.0

    /**
     * Returns which of [scales] can be divided by: those with the median's sign that are not small relative to the
     * median size. With the other sign, the corrupted run does better than the clean one, and there is nothing to
     * recover.
     */
    public fun usable(scales: List<Double?>): List<Boolean> {
        val known = scales.mapNotNull { it?.takeIf(Double::isFinite) }
        val sign = sign(known.sorted().let { it.getOrElse(it.size / 2) { 0.0 } })
        val median = known.map(::abs).sorted().let { it.getOrElse(it.size / 2) { 0.0 } }
        return scales.map { it != null && it.isFinite() && it != 0.0 && it * sign >= SMALL * median }
    }

    /**
     * Returns each cell's mean change divided by the mean scale: a ratio of means, which examples with a small scale
     * cannot dominate. Null for all cells if the mean scale is not clearly different from 0.
     *
     * @param changes [example, cell]
     * @param scale one value per example
     */
    public fun ofMeans(
        changes: Sample,
        scale: List<Double?>,
    ): List<Double?> {
        val denominator = changes.with(scale.map { listOf(it) })
        val mean = denominator.mean(0)
        val error = denominator.standardError(0) ?: 0.0
        val usable = mean != null && mean != 0.0 && abs(mean) > ERRORS * error
        return Numbers.of(changes.cells) { cell -> if (usable) changes.mean(cell)?.div(mean) else null }
    }
}
