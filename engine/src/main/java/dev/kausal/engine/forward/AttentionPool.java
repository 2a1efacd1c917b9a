package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.family.Weights;
import dev.kausal.engine.tensor.Recording;
import dev.kausal.engine.tensor.Slices;
import java.util.function.UnaryOperator;

/** Pools rows by attention: a learned query attends to them, followed by an MLP. */
final class AttentionPool {
    private final ModelConfig config;
    private final Weights weights;
    private final LayerMaths maths;

    AttentionPool(ModelConfig config, Weights weights, LayerMaths maths) {
        this.config = config;
        this.weights = weights;
        this.maths = maths;
    }

    /** Pools [row, d_model] to [d_model]. */
    NDArray of(NDArray rows) {
        NDArray gathered = maths.project(
                attended(rows), weights.get(Parameter.POOL_OUTPUT), weights.find(Parameter.POOL_OUTPUT_BIAS));
        NDArray normed = maths.norm(
                gathered,
                weights.get(Parameter.POOL_NORM_GAIN),
                weights.find(Parameter.POOL_NORM_BIAS),
                UnaryOperator.identity(),
                UnaryOperator.identity());
        NDArray neurons = maths.activated(
                maths.project(normed, weights.get(Parameter.POOL_MLP_IN), weights.find(Parameter.POOL_MLP_IN_BIAS)));
        return gathered.add(maths.project(
                        neurons, weights.get(Parameter.POOL_MLP_OUT), weights.find(Parameter.POOL_MLP_OUT_BIAS)))
                .squeeze(0);
    }

    /** Returns all heads' values, weighted by the query's attention [1, d_model]. */
    private NDArray attended(NDArray rows) {
        int d = config.dModel();
        int heads = config.heads();
        long width = d / heads;
        NDArray qkv = weights.get(Parameter.POOL_QKV);
        NDArray bias = weights.find(Parameter.POOL_QKV_BIAS);
        NDArray query = maths.project(
                        weights.get(Parameter.POOL_PROBE),
                        Slices.of(qkv, 1, 0, d),
                        bias == null ? null : Slices.of(bias, 0, 0, d))
                .reshape(heads, 1, width);
        NDArray keysAndValues = maths.project(
                        rows, Slices.of(qkv, 1, d, 3L * d), bias == null ? null : Slices.of(bias, 0, d, 3L * d))
                .reshape(-1, 2, heads, width)
                .transpose(1, 2, 0, 3);
        float scale = (float) (1 / Math.sqrt((double) width));
        NDArray scores = query.mul(Recording.scalar(query, scale))
                .matMul(keysAndValues.get(0).transpose(0, 2, 1));
        return scores.softmax(-1).matMul(keysAndValues.get(1)).reshape(1, d);
    }
}
