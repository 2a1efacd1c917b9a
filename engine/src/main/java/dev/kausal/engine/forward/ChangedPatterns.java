package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.AttentionConfig;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.family.LayerWeights;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.rows.InputBatch;
import dev.kausal.engine.rows.RowLayout;
import dev.kausal.engine.tensor.Slices;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Attention patterns of one run whose heads read changed streams as queries, or as keys: through the first norm, the
 * projection, norms of heads, rotation, soft cap and softmax, as the model computes them. Arrays belong to the open NDScope.
 */
public final class ChangedPatterns {
    private final Transformer model;
    private final ModelConfig config;
    private final LayerMaths maths;
    private final Positions positions;
    private final Input input;
    private final Function<String, NDArray> activations;
    private final NDManager local;

    /**
     * Creates the patterns of a run.
     *
     * @param activations of the run by name of the point, of every point of {@link #read}
     */
    public ChangedPatterns(Transformer model, Input input, Function<String, NDArray> activations, NDManager local) {
        this.model = model;
        this.config = model.config();
        this.maths = new LayerMaths(config);
        this.positions = new Positions(config);
        this.input = input;
        this.activations = activations;
        this.local = local;
    }

    /** Returns the kinds of points whose activations are needed. */
    public static List<HookKind> read(ModelConfig config) {
        return List.of(HookKind.RESID_PRE, HookKind.ATTN_SCORES, last(config, true), last(config, false));
    }

    /** Returns the point with the queries, or the keys, that scores are computed from. */
    private static HookKind last(ModelConfig config, boolean queries) {
        if (config.rotary()) {
            return queries ? HookKind.ROT_Q : HookKind.ROT_K;
        }
        if (config.attention().headNorm() != AttentionConfig.HeadNorm.NONE) {
            return queries ? HookKind.Q_NORMED : HookKind.K_NORMED;
        }
        return queries ? HookKind.Q : HookKind.K;
    }

    /**
     * Returns the patterns of a layer if every head reads the stream plus one of {@code changes} as queries, or every
     * key-value head does as keys.
     *
     * @param changes [variant, position, d_model]
     * @return [variant, head, query, key]
     */
    public NDArray of(int layer, NDArray changes, boolean queries) {
        NDArray before = scores(last(layer, true), last(layer, false));
        NDArray changed = projected(
                layer, activations.apply(HookKind.RESID_PRE.name(layer)).add(changes), queries);
        NDArray after = queries ? scores(changed, last(layer, false)) : scores(last(layer, true), changed);
        // What is added to scores, masks included, does not depend on queries and keys.
        NDArray added = activations.apply(HookKind.ATTN_SCORES.name(layer)).sub(before);
        return after.add(added).softmax(-1);
    }

    private NDArray last(int layer, boolean queries) {
        return activations.apply(last(config, queries).name(layer));
    }

    /**
     * Returns scores under the soft cap.
     *
     * @param queries [variant, position, head, d_head]
     * @param keys [variant, position, key-value head, d_head]
     * @return [variant, head, query, key]
     */
    private NDArray scores(NDArray queries, NDArray keys) {
        NDArray byHead = keys.transpose(0, 2, 3, 1);
        int group = config.groupSize();
        NDArray all = group == 1 ? byHead : byHead.repeat(1, group);
        NDArray scores = queries.transpose(0, 2, 1, 3).matMul(all).mul((float)
                config.attention().scale());
        float cap = (float) config.attention().softCap();
        return cap == 0 ? scores : scores.div(cap).tanh().mul(cap);
    }

    /** Returns the final queries or keys [variant, position, head, d_head] of streams [variant, position, d_model]. */
    private NDArray projected(int layer, NDArray streams, boolean queries) {
        LayerWeights w = model.weights().layers().get(layer);
        long variants = streams.getShape().get(0);
        int heads = queries ? config.heads() : config.keyValueHeads();
        long from = queries ? 0 : (long) config.heads() * config.dHead();
        long to = from + (long) heads * config.dHead();
        NDArray x = streams.reshape(-1, config.dModel());
        NDArray gain = w.ln1Gain();
        NDArray read = config.block().order().normsInput() && gain != null ? normed(x, gain, w.ln1Bias()) : x;
        NDArray bias = w.qkvBias();
        NDArray made =
                maths.project(read, w.qkv().columns(from, to), bias == null ? null : Slices.of(bias, 0, from, to));
        NDArray own = headNormed(layer, w, made, heads, queries);
        Rotary rotary = config.rotary() ? positions.rotary(layer) : null;
        NDArray turned = own;
        if (rotary != null) {
            RowLayout layout = new InputBatch(Collections.nCopies((int) variants, input)).layout();
            turned = rotary.rotate(own, rotary.angles(layout, local));
        }
        return turned.reshape(variants, -1, heads, config.dHead());
    }

    private NDArray headNormed(int layer, LayerWeights w, NDArray made, int heads, boolean queries) {
        AttentionConfig.HeadNorm kind = config.attention().headNorm();
        NDArray byHead = made.reshape(-1, heads, config.dHead());
        if (kind == AttentionConfig.HeadNorm.NONE) {
            return byHead;
        }
        NDArray gain =
                Present.of(queries ? w.queryNormGain() : w.keyNormGain(), "gain of a norm of heads in layer " + layer);
        NDArray bias = queries ? w.queryNormBias() : w.keyNormBias();
        NDArray normed = normed(kind == AttentionConfig.HeadNorm.ALL_HEADS ? made : byHead, gain, bias);
        return normed.reshape(-1, heads, config.dHead());
    }

    private NDArray normed(NDArray x, NDArray gain, @Nullable NDArray bias) {
        return maths.norm(x, gain, bias, UnaryOperator.identity(), UnaryOperator.identity());
    }
}
