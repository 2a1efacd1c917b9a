package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.edits.EditException;
import dev.kausal.engine.family.LayerWeights;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.rows.PackedHooks;
import dev.kausal.engine.tensor.Slices;
import dev.kausal.engine.tensor.WeightMatrix;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Computes queries, keys and values from the residual stream, through the first norm.
 *
 * <p>The hook points {@code hook_attn_in} and {@code hook_q|k|v_input} give each head its own copy of the stream before
 * the norm. Reading them costs nothing; only after an edit do the heads' inputs differ, and each head is normed and
 * projected separately.
 */
final class Projections {
    private static final List<HookKind> PER_HEAD =
            Arrays.stream(HookKind.values()).filter(HookKind::inputPerHead).toList();

    private final ModelConfig config;
    private final LayerMaths maths;
    private final PackedHooks packedHooks;

    Projections(ModelConfig config, LayerMaths maths, PackedHooks packedHooks) {
        this.config = config;
        this.maths = maths;
        this.packedHooks = packedHooks;
    }

    /** Queries [query row, head, d_head], keys and values [key row, key-value head, d_head], biases included. */
    record Heads(NDArray q, NDArray k, NDArray v) {}

    Heads of(int layer, LayerWeights w, NDArray stream, LayerBatch rows) {
        NDArray x = normed(
                w,
                stream,
                s -> packedHooks.rows(HookKind.LN1_SCALE, layer, s, rows.keys()),
                n -> packedHooks.rows(HookKind.LN1_NORMALIZED, layer, n, rows.keys()));
        if (PER_HEAD.stream().anyMatch(kind -> packedHooks.edits(kind, layer))) {
            return perHead(layer, w, stream, rows);
        }
        watch(layer, stream, rows);
        NDArray kept = rows.kept();
        return kept == null ? fused(w, x, rows) : narrowed(w, x, rows, kept);
    }

    /** Returns the normed stream that queries, keys and values are projected from. */
    private NDArray normed(
            LayerWeights w, NDArray stream, UnaryOperator<NDArray> scaleHook, UnaryOperator<NDArray> normalizedHook) {
        NDArray gain = w.ln1Gain();
        return config.block().order().normsInput() && gain != null
                ? maths.norm(stream, gain, w.ln1Bias(), scaleHook, normalizedHook)
                : stream;
    }

    private long queryWidth() {
        return (long) config.heads() * config.dHead();
    }

    private long keyWidth() {
        return (long) config.keyValueHeads() * config.dHead();
    }

    private NDArray heads(NDArray packed, int rows, int heads) {
        return packed.reshape(rows, heads, config.dHead());
    }

    private Heads fused(LayerWeights w, NDArray x, LayerBatch rows) {
        int count = rows.keys().rows();
        NDArray qkv = maths.project(x, w.qkv(), w.qkvBias());
        NDList parts = qkv.split(new long[] {queryWidth(), queryWidth() + keyWidth()}, 1);
        return new Heads(
                heads(parts.get(0), count, config.heads()),
                heads(parts.get(1), count, config.keyValueHeads()),
                heads(parts.get(2), count, config.keyValueHeads()));
    }

    /** Computes queries for the continuing rows only. */
    private Heads narrowed(LayerWeights w, NDArray x, LayerBatch rows, NDArray kept) {
        String right = queryWidth() + ":";
        String left = "0:" + queryWidth();
        NDArray bias = w.qkvBias();
        WeightMatrix ofQueries = w.qkv().columns(0, queryWidth());
        WeightMatrix others = w.qkv().columns(queryWidth(), queryWidth() + 2 * keyWidth());
        NDArray kv = maths.project(x, others, bias == null ? null : bias.get(right));
        NDArray q = maths.project(Slices.gather(x, kept), ofQueries, bias == null ? null : bias.get(left));
        NDList parts = kv.split(new long[] {keyWidth()}, 1);
        return new Heads(
                heads(q, rows.queries().rows(), config.heads()),
                heads(parts.get(0), rows.keys().rows(), config.keyValueHeads()),
                heads(parts.get(1), rows.keys().rows(), config.keyValueHeads()));
    }

    /** Broadcasts the stream once per head [row, heads, d_model], without a copy. */
    private NDArray spread(NDArray stream, int heads) {
        long rows = stream.getShape().get(0);
        return stream.reshape(rows, 1, config.dModel()).broadcast(new Shape(rows, heads, config.dModel()));
    }

    private void watch(int layer, NDArray stream, LayerBatch rows) {
        for (HookKind kind : PER_HEAD) {
            if (packedHooks.waits(kind, layer)) {
                boolean keyed = kind == HookKind.K_INPUT || kind == HookKind.V_INPUT;
                packedHooks.rows(
                        kind, layer, spread(stream, keyed ? config.keyValueHeads() : config.heads()), rows.keys());
            }
        }
    }

    private Heads perHead(int layer, LayerWeights w, NDArray stream, LayerBatch rows) {
        checkPerHead(layer);
        boolean shared = packedHooks.edits(HookKind.ATTN_IN, layer);
        NDArray in = packedHooks.rows(HookKind.ATTN_IN, layer, spread(stream, config.heads()), rows.keys());
        NDArray keyed = shared ? in : spread(stream, config.keyValueHeads());
        NDArray q = packedHooks.rows(HookKind.Q_INPUT, layer, in, rows.keys());
        NDArray k = packedHooks.rows(HookKind.K_INPUT, layer, keyed, rows.keys());
        NDArray v = packedHooks.rows(HookKind.V_INPUT, layer, keyed, rows.keys());
        NDArray queries = projected(w, q, 0, config.heads());
        NDArray kept = rows.kept();
        return new Heads(
                kept == null
                        ? queries
                        : heads(
                                Slices.gather(queries.reshape(rows.keys().rows(), queryWidth()), kept),
                                rows.queries().rows(),
                                config.heads()),
                projected(w, k, queryWidth(), config.keyValueHeads()),
                projected(w, v, queryWidth() + keyWidth(), config.keyValueHeads()));
    }

    private void checkPerHead(int layer) {
        if (packedHooks.edits(HookKind.ATTN_IN, layer) && config.groupSize() > 1) {
            throw new EditException(
                    HookKind.ATTN_IN.name(layer),
                    "is not possible: " + config.groupSize()
                            + " query heads share each key-value head of this model, so"
                            + " queries and keys have separate inputs. Edit hook_q_input, hook_k_input or hook_v_input.");
        }
        boolean norm =
                packedHooks.edits(HookKind.LN1_SCALE, layer) || packedHooks.edits(HookKind.LN1_NORMALIZED, layer);
        if (norm && config.block().order().normsInput()) {
            throw new EditException(
                    HookKind.LN1_NORMALIZED.name(layer),
                    "would have no effect: another edit gives each head of layer " + layer
                            + " its own input before that norm. Remove one of the two.");
        }
    }

    /**
     * Projects each head's own input [row, heads, d_model] through the norm and its columns of W_QKV: [row, heads,
     * d_head].
     */
    private NDArray projected(LayerWeights w, NDArray input, long column, int heads) {
        long width = (long) heads * config.dHead();
        String columns = column + ":" + (column + width);
        NDArray x = normed(w, input, UnaryOperator.identity(), UnaryOperator.identity());
        WeightMatrix own = w.qkv().columns(column, column + width);
        NDArray weight =
                own.float32().reshape(config.dModel(), heads, config.dHead()).transpose(1, 0, 2);
        NDArray result =
                own.rounded(own.rounded(x).transpose(1, 0, 2).matMul(weight).transpose(1, 0, 2));
        NDArray bias = w.qkvBias();
        return bias == null ? result : result.add(bias.get(columns).reshape(1, heads, config.dHead()));
    }
}
