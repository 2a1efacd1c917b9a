package dev.kausal.engine.analysis;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.config.BlockConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.family.LayerWeights;
import dev.kausal.engine.family.Weights;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoints;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * For each position that outputs are read from, the direction in the residual stream along which a logit difference is
 * read, with the final norm's scale taken from the run: the difference is the sum over these positions of stream ·
 * direction, plus constants. A mean over patches is included. Arrays belong to the caller's scope.
 */
final class ReadDirections {
    private final ModelConfig config;
    private final HookPoints points;
    private final ReadRows rows;
    private final boolean centred;
    private final NDArray plain;
    private final NDArray normed;

    ReadDirections(
            ModelConfig config,
            Weights weights,
            HookPoints points,
            ReadRows rows,
            List<DirectLogitAttribution.Prompt> prompts) {
        this.config = config;
        this.points = points;
        this.rows = rows;
        this.centred = config.block().norm() == BlockConfig.Norm.LAYER_NORM;
        NDList each = new NDList();
        for (DirectLogitAttribution.Prompt prompt : prompts) {
            each.add(pooled(prompt.input().length()).matMul(blocks(weights, prompt)));
        }
        this.plain = each.size() == 1 ? each.get(0) : NDArrays.concat(each);
        this.normed = facing(plain.mul(weights.finalGain())).div(row(HookKind.FINAL_SCALE, -1));
    }

    /**
     * Returns the head's columns of the answer minus those of the foil, one row for each block of width d_model that it
     * reads.
     */
    private NDArray blocks(Weights weights, DirectLogitAttribution.Prompt prompt) {
        NDArray answers = mean(weights, prompt.answers());
        NDArray difference = prompt.foils().isEmpty() ? answers : answers.sub(mean(weights, prompt.foils()));
        return difference.reshape(-1, config.dModel());
    }

    private NDArray mean(Weights weights, List<Integer> outputs) {
        int[] tokens = outputs.stream().mapToInt(Integer::intValue).toArray();
        NDArray columns = weights.unembedding(tokens, rows.owner());
        return tokens.length == 1 ? columns.get(0) : columns.mean(new int[] {0});
    }

    /** Returns the weight of each read position in each block [read position, block]: 1, or 1 / patches in a mean. */
    private NDArray pooled(int length) {
        int[] positions = ReadRows.positions(config, length);
        int patches = length - config.prefix();
        OutputHeadConfig.Pool pool = config.head().pool();
        int blocks =
                pool == OutputHeadConfig.Pool.FIRST_TWO || pool == OutputHeadConfig.Pool.FIRST_AND_PATCH_MEAN ? 2 : 1;
        float[] parts = new float[positions.length * blocks];
        for (int i = 0; i < positions.length; i++) {
            float ofMean = positions[i] < config.prefix() ? 0 : 1f / patches;
            switch (pool) {
                case EVERY_ROW, FIRST, LAST -> parts[i] = 1;
                case FIRST_TWO -> parts[2 * i + i] = 1;
                case PATCH_MEAN -> parts[i] = ofMean;
                case FIRST_AND_PATCH_MEAN -> {
                    parts[2 * i] = positions[i] == 0 ? 1 : 0;
                    parts[2 * i + 1] = ofMean;
                }
                case ATTENTION -> throw new IllegalStateException("attention pooling is not a sum of rows");
            }
        }
        return rows.owner().create(parts, new Shape(positions.length, blocks));
    }

    /** Centres the direction: LayerNorm's centring is linear, so this equals centring every component. */
    private NDArray facing(NDArray gained) {
        return centred ? gained.sub(gained.mean(new int[] {-1}, true)) : gained;
    }

    /** Returns the directions after the final norm [input * read position, d_model]. */
    NDArray behindNorm() {
        return plain;
    }

    /** Returns the directions in the residual stream [input * read position, d_model]. */
    NDArray inStream() {
        return normed;
    }

    /** Returns the directions for attention outputs, before a norm of the output. */
    NDArray attention(int layer, LayerWeights w) {
        return through(HookKind.LN1_POST_SCALE, layer, w.ln1PostGain());
    }

    /** Returns the directions for MLP outputs, before a norm of the output. */
    NDArray mlp(int layer, LayerWeights w) {
        return through(HookKind.LN2_POST_SCALE, layer, w.ln2PostGain());
    }

    private NDArray through(HookKind postScale, int layer, @Nullable NDArray postGain) {
        return postGain == null ? normed : facing(normed.mul(postGain)).div(row(postScale, layer));
    }

    /** Returns the rows [input * read position, unit] at a point. */
    NDArray row(HookKind kind, int layer) {
        return rows.at(points.named(kind.name(layer)));
    }

    /** Sums [input * read position, 1 or more] over the positions of each input [input, 1 or more]. */
    NDArray perInput(NDArray values) {
        long inputs = values.getShape().get(0) / rows.perInput();
        return values.reshape(inputs, rows.perInput(), values.getShape().get(1)).sum(new int[] {1});
    }
}
