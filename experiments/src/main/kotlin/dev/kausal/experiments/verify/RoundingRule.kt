package dev.kausal.experiments.verify

import dev.kausal.spec.NoiseFloor
import dev.kausal.spec.Result
import kotlin.math.abs
import kotlin.math.max

/** How much each number of one result may change when recomputed on another machine, by the run's noise floor. */
internal class RoundingRule private constructor(
    private val result: Result,
    private val rounding: NoiseFloor,
) {
    private val clean = result.baseline["clean"]
    private val others = result.baseline.filterKeys { it != "clean" }.values

    /**
     * Returns the change of [value] that rounding allows; null if this rule has none.
     *
     * @param field field of the result
     * @param within the rest of the number's path, such as `[3][0]`
     */
    fun allowed(
        field: String,
        within: String,
        value: Double,
    ): Double? =
        when (field.takeUnless { result.estimate != null && it !in UNESTIMATED }) {
            "baseline", "plain" -> rounding.floor
            "perExample" -> if (recovers) share(row(within), value) else difference
            "mean", "median", "standardError" -> mean(value)
            "effect" -> gap(means)?.let { rounding.ofShare(it, value) }
            "change" -> if (CI.containsMatchIn(within)) end(within, value, difference) else difference
            "ciLow", "ciHigh" -> end(within, value, mean(value))
            "pValue" -> p(within, 1)
            "pCorrected" -> p(within, result.inference?.results ?: 1)
            "controls" -> if (CI.containsMatchIn(within)) ENDS * control(value) else control(value)
            "rounding" -> if (within == ".size") rounding.floor else max(rounding.floor, abs(value))
            else -> null
        }

    private val recovers = result.plain != null

    /** Allowed change of a difference to the unedited run, both ends of which are rounded. */
    private val difference = 2 * rounding.floor

    private fun row(within: String): Int = within.drop(1).substringBefore(']').toInt()

    private fun share(
        example: Int,
        value: Double,
    ): Double = gap { it[example] }?.let { rounding.ofShare(it, value) } ?: anyShare(value)

    /** Returns the smallest distance of the clean from another run, with their values picked or averaged by [of]. */
    private fun gap(of: (List<Double?>) -> Double?): Double? {
        val from = clean?.let(of) ?: return null
        return others.mapNotNull(of).map { abs(it - from) }.filter { it > 0 }.minOrNull()
    }

    private val means = { values: List<Double?> -> values.filterNotNull().takeIf { it.isNotEmpty() }?.average() }

    private fun mean(value: Double): Double = if (recovers) anyShare(value) else difference

    /** Returns the allowance for the example with the smallest gap that still counts, if [result] has gaps. */
    private fun anyShare(value: Double): Double {
        val counted = result.perExample.indices.filter { example -> result.perExample[example].any { it != null } }
        val gap = counted.mapNotNull { example -> gap { it[example] } }.minOrNull() ?: return difference
        return rounding.ofShare(gap, value)
    }

    /** Returns the allowance for a control, which is a change or a share. */
    private fun control(value: Double): Double = max(difference, anyShare(value))

    /**
     * Returns the allowance for an end of an interval: a mean plus a multiple of an error, each moved by rounding, and
     * the quantile of draws, which moves by their distance if two draws swap; an interval has many draws.
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

    /**
     * Returns the allowance for a p, which counts draws. Rounding may move those that tie with the observed value, and
     * the value itself, in standard errors, with which p changes by at most the density of a normal |z| at 0.
     */
    private fun p(within: String, results: Int): Double? =
        result.inference?.let { inferred ->
            val error = INDEX.find(within)?.let { result.standardError.getOrNull(it.groupValues[1].toInt()) } ?: 0.0
            val moved = if (error > 0) DENSITY * mean(0.0) / error else 0.0
            results * (TIES / max(1, inferred.flips) + moved)
        }

    internal companion object {
        /** Number of borderline draws that rounding may move across. */
        const val TIES: Double = 5.0

        /** Density of the size of a standard normal variable at 0. */
        const val DENSITY: Double = 0.8

        /** Maximum distance of an end from its mean in standard errors, in the intervals of few examples. */
        const val ENDS: Double = 20.0

        /** Distance of neighbouring draws, out of thousands, in widths of the interval. */
        const val DRAWS_APART: Double = 1e-3

        /** Numbers of an estimated result that are not sums of gradients, whose rounding the floor does not measure. */
        private val UNESTIMATED = setOf("baseline", "rounding")

        private val CI = Regex("""ci(Low|High)""")
        private val INDEX = Regex("""\[(\d+)]$""")

        /** Returns rules by name of the result; none for results without a measured floor. */
        fun of(results: List<Result>): Map<String, RoundingRule> =
            results
                .mapNotNull { result -> result.rounding?.let { result.name to RoundingRule(result, it) } }
                .toMap()
    }
}
