package dev.kausal.statistics

import kotlin.math.abs
import kotlin.math.sign

/** Normalising by a difference that may be small. */
public object Ratios {
    /** An example's own scale below this share of the median scale is too small to divide by. */
    public const val SMALL: Double = 0.05

    /** A mean scale closer to 0 than this many of its standard errors is too small to divide by. */
    public const val ERRORS: Double = 2.0

    /**
     * Which of [scales] can be divided by: those of the median's sign that are not small beside the median size. With the other sign
     * the corrupted run does better than the clean one, and there is nothing to recover.
     */
    public fun usable(scales: List<Double?>): List<Boolean> {
        val known = scales.mapNotNull { it?.takeIf(Double::isFinite) }
        val sign = sign(known.sorted().let { it.getOrElse(it.size / 2) { 0.0 } })
        val median = known.map(::abs).sorted().let { it.getOrElse(it.size / 2) { 0.0 } }
        return scales.map { it != null && it.isFinite() && it != 0.0 && it * sign >= SMALL * median }
    }

    /**
     * Each cell's mean change in units of the mean scale: a ratio of means, which single examples with a small scale
     * cannot blow up. Null for all cells where the mean scale is not clearly different from 0.
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
        return List(changes.cells) { cell -> if (usable) changes.mean(cell)?.div(mean) else null }
    }
}
