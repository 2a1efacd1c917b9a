package dev.kausal.statistics

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
        List(sample.cells) { cell ->
            val mean = sample.mean(cell)
            if (mean == null || mean == 0.0 || sample.clustersWith(cell) < 2) {
                null
            } else {
                draws.weights.count { drawn(sample, cell, it) * mean > 0 }.toDouble() / draws.weights.size
            }
        }

    /** The sum over a draw, which has the sign of its mean. */
    private fun drawn(
        sample: Sample,
        cell: Int,
        weights: IntArray,
    ): Double = weights.indices.sumOf { cluster -> weights[cluster] * sample.sums[cluster][cell] }
}
