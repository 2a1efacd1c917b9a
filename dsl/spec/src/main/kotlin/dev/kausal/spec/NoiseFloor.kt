package dev.kausal.spec

import kotlinx.serialization.Serializable
import kotlin.math.abs
import kotlin.math.max
import kotlin.math.sqrt

/**
 * How far float32 rounding alone moves a result's numbers, in units of its plain metric. Matrix products of another
 * shape, number of threads or processor add in another order, so that equal runs give unequal last digits.
 *
 * @property floor differences up to here are rounding
 * @property measured largest difference found between an unedited run and the same run alone in its batch
 * @property runs unedited runs that were computed again for [measured]
 * @property size largest magnitude among the metric's values and the logits that they are made of
 * @property terms rounded operations, one after another, that a value of this model goes through
 */
@Serializable
public data class NoiseFloor(
    val floor: Double,
    val measured: Double,
    val runs: Int,
    val size: Double,
    val terms: Int,
) {
    /** The same for a [share] of the way across [gap], both ends of which are rounded too. */
    public fun ofShare(
        gap: Double,
        share: Double,
    ): Double = floor * (1 + abs(share)) / abs(gap)

    public companion object {
        /** Unit roundoff of float32. */
        public const val UNIT: Double = 1.0 / (1 shl 24)

        /**
         * What is judged may be further off than what was measured, as the largest of thousands of numbers, not of tens.
         * Of normal errors, the largest of 30 is above 1.47 standard deviations in 99 of 100 cases, and that of 10,000
         * below 4.89: 3.3 times as much.
         */
        public const val MARGIN: Double = 4.0

        /**
         * The floor for values of [size] that go through [terms] rounded operations, of which runs repeated in another
         * shape differed by [measured]. Rounding errors of random sign add up as a root does, not as a sum (Higham and
         * Mary 2019).
         */
        public fun of(
            measured: Double,
            runs: Int,
            size: Double,
            terms: Int,
        ): NoiseFloor {
            val derived = UNIT * sqrt(terms.toDouble()) * size
            return NoiseFloor(max(MARGIN * measured, derived), measured, runs, size, terms)
        }
    }
}
