package dev.kausal.statistics

import kotlin.math.sign

/** How firmly the sign of a mean holds. */
public object Signs {
    /**
     * Returns for each cell of [sample] the share of [draws] in which its mean has the same sign as in the data; null if fewer
     * than two clusters have the cell, or its mean is 0.
     */
    public fun held(
        sample: Sample,
        draws: Draws,
    ): List<Double?> =
        (0 until sample.cells).chunked(CHUNK).flatMap { cells -> held(sample, draws, cells.first(), cells.size) }

    /** Returns the shares of [size] cells from number [from] on, few enough for their sums to stay in a cache. */
    private fun held(
        sample: Sample,
        draws: Draws,
        from: Int,
        size: Int,
    ): List<Double?> {
        val signs = DoubleArray(size) { sample.mean(from + it)?.let(::sign) ?: 0.0 }
        val counts = IntArray(size)
        val sums = DoubleArray(size)
        for (weights in draws.weights) {
            draw(sample, weights, from, sums)
            for (i in 0 until size) if (sums[i] * signs[i] > 0) counts[i]++
        }
        return List(size) { i ->
            val known = signs[i] != 0.0 && sample.clustersWith(from + i) >= 2
            if (known) counts[i].toDouble() / draws.weights.size else null
        }
    }

    /** Fills [sums] with those of one draw, from cell [from] on; they have the signs of its means. */
    private fun draw(
        sample: Sample,
        weights: IntArray,
        from: Int,
        sums: DoubleArray,
    ) {
        sums.fill(0.0)
        for (cluster in weights.indices) {
            val weight = weights[cluster].toDouble()
            val own = sample.sums[cluster]
            for (i in sums.indices) sums[i] += weight * own[from + i]
        }
    }

    private const val CHUNK = 512
}
