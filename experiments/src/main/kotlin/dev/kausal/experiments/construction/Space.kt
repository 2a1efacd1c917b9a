package dev.kausal.experiments.construction

/**
 * Consecutive dimensions of the residual stream that hold one variable, one dimension per value.
 *
 * Values are written centred, so that a row's mean stays 0 and LayerNorm has nothing to subtract.
 */
internal class Space(
    val start: Int,
    val size: Int,
) {
    /** Returns the dimension of a value. */
    operator fun get(value: Int): Int = start + value.also { require(it in 0 until size) }

    /** Returns the direction of a value: 1 on its own dimension, minus the mean. */
    fun direction(
        value: Int,
        length: Float = 1f,
    ): Map<Int, Float> = (0 until size).associate { this[it] to length * ((if (it == value) 1f else 0f) - 1f / size) }
}
