package dev.kausal.spec

import kotlinx.serialization.EncodeDefault
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.Serializable
import kotlin.math.abs
import kotlin.math.max
import kotlin.math.sqrt

/**
 * How far rounding alone moves a result's numbers, in units of its plain metric. Matrix products of another
 * shape, thread count or processor sum in another order, so that equal runs differ in their last digits.
 *
 * @property floor differences up to this are rounding
 * @property measured largest difference found between an unedited run and the same run alone in its batch
 * @property runs number of unedited runs recomputed for [measured]
 * @property size largest magnitude among the metric's values and the logits behind them
 * @property terms number of consecutive rounded operations behind a value of this model
 * @property unit largest relative error of one rounding: that of float32, or [BFLOAT16]
 * @property float32 largest difference found between an unedited run and the same run in float32; null if the run was in float32
 */
@Serializable
@OptIn(ExperimentalSerializationApi::class)
public data class NoiseFloor(
    val floor: Double,
    val measured: Double,
    val runs: Int,
    val size: Double,
    val terms: Int,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val unit: Double = UNIT,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val float32: Double? = null,
) {
    /** Name of the format whose rounding this is. */
    public val format: String get() = if (unit == UNIT) "float32" else "bfloat16"

    /** Returns the floor of a [share] of the way across [gap], both ends of which are rounded too. */
    public fun ofShare(
        gap: Double,
        share: Double,
    ): Double = floor * (1 + abs(share)) / abs(gap)

    public companion object {
        /** Unit roundoff of float32. */
        public const val UNIT: Double = 1.0 / (1 shl 24)

        /** Unit roundoff of bfloat16. */
        public const val BFLOAT16: Double = 1.0 / (1 shl 8)

        /**
         * Judged numbers may be further off than measured ones, being the largest of thousands rather than of tens. For
         * normal errors, the largest of 30 exceeds 1.47 standard deviations in 99 of 100 cases, and that of 10,000
         * stays below 4.89: 3.3 times as much.
         */
        public const val MARGIN: Double = 4.0

        /**
         * Returns the floor for values of [size] that pass [terms] rounded operations, given that runs repeated in
         * another shape differed by [measured]. Rounding errors of random sign grow with the square root of their
         * number (Higham and Mary 2019).
         */
        public fun of(
            measured: Double,
            runs: Int,
            size: Double,
            terms: Int,
            unit: Double = UNIT,
            float32: Double? = null,
        ): NoiseFloor {
            val derived = unit * sqrt(terms.toDouble()) * size
            return NoiseFloor(max(MARGIN * measured, derived), measured, runs, size, terms, unit, float32)
        }
    }
}
