package dev.kausal.experiments.construction

import kotlin.math.sqrt

/**
 * Sizes of a [Circuit] and its constants.
 *
 * @property width dimensions of the residual stream
 * @property heads heads of each layer
 * @property positions longest text in tokens
 * @property constant what one dimension holds in every row, and another one negated
 * @property sharp factor of scores, before they are divided by the square root of a head's width: with the
 *   default, a matching key gets e^70 times the weight of others
 */
internal data class CircuitSizes(
    val width: Int = Circuit.WIDTH,
    val heads: Int = Circuit.HEADS,
    val positions: Int = Circuit.POSITIONS,
    val constant: Float = 32f,
    val sharp: Float = 400f,
) {
    /** Dimensions of a head's queries, keys and values. */
    val headWidth: Int get() = width / heads

    /** What LayerNorm divides by: the length of a row over the square root of its width. */
    val length: Float get() = sqrt(2 * constant * constant / width)
}
