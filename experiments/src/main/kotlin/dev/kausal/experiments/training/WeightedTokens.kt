package dev.kausal.experiments.training

import dev.kausal.engine.gradients.Objective

/** Losses of some tokens. */
internal object WeightedTokens {
    /**
     * Returns the weighted mean, in nats, of minus the log-probability of the targets of some rows.
     *
     * @param rows packed rows whose outputs are read
     * @param targets target of each row: a token, or a class
     * @param weights weight of each row
     */
    fun mean(
        rows: IntArray,
        targets: LongArray,
        weights: FloatArray,
    ): Objective {
        val sum = weights.sum()
        return Objective.crossEntropy(rows, targets, FloatArray(weights.size) { weights[it] / sum })
    }
}
