package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.family.Weights;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.rows.PackedHooks;
import dev.kausal.engine.rows.RowLayout;
import dev.kausal.engine.tensor.InPlace;
import java.util.List;

/** From the final residual stream to outputs: final norm, pooling, unembedding. */
public final class OutputHead {
    /** Points that a model without a head computes only if they are hooked. */
    private static final List<HookKind> POOLED_POINTS =
            List.of(HookKind.POOLER_OUT, HookKind.FINAL_SCALE, HookKind.FINAL_NORMALIZED);

    private final ModelConfig config;
    private final Weights weights;
    private final OutputHeadConfig head;
    private final LayerMaths maths;
    private final PackedHooks packedHooks;

    /** Creates the model's head without hooks. Arrays belong to the open NDScope. */
    public OutputHead(Transformer model) {
        this(model, PackedHooks.NONE);
    }

    public OutputHead(Transformer model, PackedHooks packedHooks) {
        this.config = model.config();
        this.weights = model.weights();
        this.head = config.head();
        this.maths = new LayerMaths(config, model.rules());
        this.packedHooks = packedHooks;
    }

    /**
     * Computes outputs from the final stream, through the hooks.
     *
     * @param stream [row, d_model]; for a pooled head, at least the rows that it reads
     * @param pooled one row per variant of {@code layout}
     * @return logits [row, outputs]; for a pooled head logits or an embedding [variant, outputs]; without a head,
     *     hidden states
     */
    public NDArray outputs(NDArray stream, RowLayout layout, RowLayout pooled) {
        NDArray x = beforeUnembedding(stream, layout, packedHooks);
        if (head.task() == OutputHeadConfig.Task.HIDDEN_STATES) {
            if (head.hasPoolerPoint() && POOLED_POINTS.stream().anyMatch(kind -> packedHooks.waits(kind, -1))) {
                pool(x, layout, pooled);
            }
            return x;
        }
        if (!head.pooled()) {
            return packedHooks.rows(HookKind.LOGITS, -1, logits(x), layout);
        }
        NDArray row = pool(x, layout, pooled);
        if (head.normedAgain()) {
            row = normedAgain(row, pooled, packedHooks);
        }
        if (head.norm() == OutputHeadConfig.NormAt.POOLED_ROW) {
            row = finalNorm(row, pooled, packedHooks);
        }
        return head.task() == OutputHeadConfig.Task.EMBEDDING
                ? logits(row)
                : packedHooks.rows(HookKind.LOGITS, -1, logits(row), pooled);
    }

    /** Computes rows up to the unembedding, without hooks: [row, d_model] to the same. */
    public NDArray beforeUnembedding(NDArray stream) {
        return beforeUnembedding(stream, RowLayout.of(List.of()), PackedHooks.NONE);
    }

    /** Computes rows up to the unembedding or pooling, through the hooks: [row, d_model] to the same. */
    NDArray beforeUnembedding(NDArray stream, RowLayout layout) {
        return beforeUnembedding(stream, layout, packedHooks);
    }

    private NDArray beforeUnembedding(NDArray stream, RowLayout layout, PackedHooks passed) {
        if (head.normedAgain()) {
            NDArray normed = finalNorm(stream, layout, passed);
            return head.transform().isEmpty()
                    ? normed
                    : normedAgain(transformed(normed, layout, passed), layout, passed);
        }
        NDArray x = transformed(stream, layout, passed);
        return head.norm() == OutputHeadConfig.NormAt.EVERY_ROW ? finalNorm(x, layout, passed) : x;
    }

    /** Applies a masked-LM head's dense layer before the norm. */
    private NDArray transformed(NDArray x, RowLayout layout, PackedHooks passed) {
        if (head.transform().isEmpty()) {
            return x;
        }
        NDArray dense = maths.project(x, weights.get(Parameter.TRANSFORM), weights.find(Parameter.TRANSFORM_BIAS));
        NDArray pre = passed.rows(HookKind.MLM_PRE, -1, dense, layout);
        return passed.rows(HookKind.MLM_POST, -1, head.transform().get().apply(pre), layout);
    }

    private NDArray finalNorm(NDArray x, RowLayout layout, PackedHooks passed) {
        return maths.norm(
                x,
                weights.finalGain(),
                weights.finalBias(),
                scale -> passed.rows(HookKind.FINAL_SCALE, -1, scale, layout),
                normalized -> passed.rows(HookKind.FINAL_NORMALIZED, -1, normalized, layout));
    }

    private NDArray normedAgain(NDArray x, RowLayout layout, PackedHooks passed) {
        return maths.norm(
                x,
                weights.get(Parameter.HEAD_NORM_GAIN),
                weights.find(Parameter.HEAD_NORM_BIAS),
                scale -> passed.rows(HookKind.HEAD_LN_SCALE, -1, scale, layout),
                normalized -> passed.rows(HookKind.HEAD_LN_NORMALIZED, -1, normalized, layout));
    }

    private NDArray pool(NDArray x, RowLayout layout, RowLayout pooled) {
        NDArray row = Pooling.of(config, layout, x, new AttentionPool(config, weights, maths));
        if (head.task() == OutputHeadConfig.Task.HIDDEN_STATES && head.norm() == OutputHeadConfig.NormAt.POOLED_ROW) {
            row = finalNorm(row, pooled, packedHooks);
        }
        if (head.pooler().isPresent()) {
            NDArray dense = maths.project(row, weights.get(Parameter.POOLER), weights.find(Parameter.POOLER_BIAS));
            row = head.pooler().get().apply(dense);
        }
        return head.hasPoolerPoint() ? packedHooks.rows(HookKind.POOLER_OUT, -1, row, pooled) : row;
    }

    /** Unembeds the head's input [row, width] to logits [row, outputs]. */
    public NDArray logits(NDArray normalized) {
        return capped(maths.project(normalized, weights.unembed(), weights.unembedBias()));
    }

    /** Unembeds normed rows [row, d_model] for these tokens only [row, token]. */
    public NDArray logits(NDArray normalized, int[] tokens, NDManager local) {
        NDArray logits = normalized.matMul(weights.unembedding(tokens, local).transpose());
        NDArray bias = weights.unembedBias();
        return capped(bias == null ? logits : InPlace.add(logits, bias.take(local.create(tokens))));
    }

    private NDArray capped(NDArray logits) {
        float cap = (float) config.head().softCap();
        return cap == 0 ? logits : InPlace.mul(InPlace.div(logits, cap).tanh(), cap);
    }
}
