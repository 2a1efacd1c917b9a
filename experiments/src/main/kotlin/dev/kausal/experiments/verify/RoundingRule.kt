package dev.kausal.experiments.verify

import dev.kausal.spec.NoiseFloor
import dev.kausal.spec.Result
import kotlin.math.abs
import kotlin.math.max

/** How far each number of one result may move when it is computed on another machine, by the noise floor of the run. */
internal class RoundingRule private constructor(
    private val result: Result,
    private val rounding: NoiseFloor,
) {
    private val clean = result.baseline["clean"]
    private val others = result.baseline.filterKeys { it != "clean" }.values

    /**
     * The deviation of [value] that rounding allows; null if this rule has none.
     *
     * @param field of the result
     * @param within the rest of the number's path, such as `[3][0]`
     */
    fun allowed(
        field: String,
        within: String,
        value: Double,
    ): Double? =
        when (field) {
            "baseline", "plain" -> rounding.floor
            "perExample" -> if (recovers) share(row(within), value) else difference
            "mean", "median", "standardError" -> mean(value)
            "effect" -> gap(means)?.let { rounding.ofShare(it, value) }
            "change" -> if (CI.containsMatchIn(within)) end(within, value, difference) else difference
            "ciLow", "ciHigh" -> end(within, value, mean(value))
            "pValue" -> p(1)
            "pCorrected" -> p(result.inference?.results ?: 1)
            "controls" -> if (CI.containsMatchIn(within)) ENDS * control(value) else control(value)
            "rounding" -> if (within == ".size") rounding.floor else max(rounding.floor, abs(value))
            else -> null
        }

    private val recovers = result.plain != null

    /** A value less that of the unedited run: both are rounded. */
    private val difference = 2 * rounding.floor

    private fun row(within: String): Int = within.drop(1).substringBefore(']').toInt()

    private fun share(
        example: Int,
        value: Double,
    ): Double = gap { it[example] }?.let { rounding.ofShare(it, value) } ?: anyShare(value)

    /** The smallest distance of the clean from another run, as [of] picks or averages their values. */
    private fun gap(of: (List<Double?>) -> Double?): Double? {
        val from = clean?.let(of) ?: return null
        return others.mapNotNull(of).map { abs(it - from) }.filter { it > 0 }.minOrNull()
    }

    private val means = { values: List<Double?> -> values.filterNotNull().takeIf { it.isNotEmpty() }?.average() }

    private fun mean(value: Double): Double = if (recovers) anyShare(value) else difference

    /** As much as the example with the smallest gap that still counts has, if [result] has gaps. */
    private fun anyShare(value: Double): Double {
        val counted = result.perExample.indices.filter { example -> result.perExample[example].any { it != null } }
        val gap = counted.mapNotNull { example -> gap { it[example] } }.minOrNull() ?: return difference
        return rounding.ofShare(gap, value)
    }

    /** A control is a change or a share. */
    private fun control(value: Double): Double = max(difference, anyShare(value))

    /**
     * An end is a mean and a multiple of an error, each moved by rounding, and the quantile of draws: where two draws change
     * places, it moves by their distance, of which there are many in an interval.
     */
    private fun end(
        within: String,
        value: Double,
        of: Double,
    ): Double {
        val cell = INDEX.find(within)?.groupValues?.get(1)?.toInt()
        val low = cell?.let { result.ciLow.getOrNull(it) }
        val high = cell?.let { result.ciHigh.getOrNull(it) }
        val width = if (low != null && high != null) high - low else abs(value)
        return ENDS * of + DRAWS_APART * width
    }

    /** A p counts draws, of which rounding may move those that tie with what was found. */
    private fun p(results: Int): Double? =
        result.inference?.let { inferred -> results * TIES / max(1, inferred.flips) }

    internal companion object {
        /** Draws on the edge that rounding may move to its other side. */
        const val TIES: Double = 5.0

        /** Standard errors that an end may be away from its mean, at the most, in the intervals of few examples. */
        const val ENDS: Double = 20.0

        /** Distance of neighbouring draws, of thousands, in widths of the interval. */
        const val DRAWS_APART: Double = 1e-3

        private val CI = Regex("""ci(Low|High)""")
        private val INDEX = Regex("""\[(\d+)]$""")

        /** By name of the result; none for results without a measured floor. */
        fun of(results: List<Result>): Map<String, RoundingRule> =
            results
                .mapNotNull { result -> result.rounding?.let { result.name to RoundingRule(result, it) } }
                .toMap()
    }
}
