package dev.kausal.experiments.training

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.types.Shape
import dev.kausal.engine.gradients.Objective
import dev.kausal.engine.rows.InputBatch
import dev.kausal.engine.tensor.Recording

/**
 * Weighted mean, in nats, of minus the log-probability of the targets of some rows.
 *
 * @property rows packed rows whose outputs are read
 * @property targets target of each row: a token, or a class
 * @property weights weight of each row
 */
internal class WeightedTokens(
    private val rows: IntArray,
    private val targets: LongArray,
    private val weights: FloatArray,
) : Objective {
    override fun rows(batch: InputBatch): IntArray = rows

    override fun of(
        outputs: NDArray,
        batch: InputBatch,
    ): NDArray {
        val manager = outputs.manager
        val shape = Shape(targets.size.toLong(), 1)
        val found = outputs.logSoftmax(-1).gather(Recording.nativeCopy(manager.create(targets, shape)), 1)
        val weighted = found.mul(Recording.nativeCopy(manager.create(weights, shape))).sum()
        return weighted.mul(Recording.scalar(weighted, -1f / weights.sum()))
    }
}
