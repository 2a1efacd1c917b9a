package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.config.BlockConfig;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.family.LayerWeights;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.rows.KeyValues;
import dev.kausal.engine.rows.PackedHooks;
import dev.kausal.engine.rows.RowLayout;
import dev.kausal.engine.tensor.Slices;
import dev.kausal.engine.tensor.WeightMatrix;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The layers' maths over packed rows: one implementation for whole passes and for a sweep's rows.
 *
 * <p>The order of norms, attention and MLP is the model's {@link BlockConfig.Order}. Arrays that a hook has seen are
 * never changed in place.
 */
public final class Block {
    private final Transformer model;
    private final BlockConfig.Order order;
    private final LayerMaths maths;
    private final Attention attention;
    private final PackedHooks packedHooks;

    public Block(Transformer model, Positions positions, PackedHooks packedHooks, KeyValues memory) {
        this.model = model;
        this.order = model.config().block().order();
        this.maths = new LayerMaths(model.config(), model.rules());
        this.attention = new Attention(model, maths, positions, packedHooks, memory);
        this.packedHooks = packedHooks;
    }

    /**
     * Runs a layer: [key row, d_model] to [query row, d_model]; the result is outside every scope, and the caller
     * closes it.
     */
    public NDArray run(int layer, NDArray stream, LayerBatch rows) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            LayerWeights w = model.weights().layers().get(layer);
            RowLayout going = rows.queries();
            NDArray pre = packedHooks.rows(HookKind.RESID_PRE, layer, stream, rows.keys());
            NDArray attnOut = model.rules()
                    .written(
                            layer,
                            packedHooks.rows(
                                    HookKind.ATTN_OUT, layer, keepLast(() -> attended(layer, w, pre, rows)), going));
            NDArray last = rows.kept();
            NDArray kept = last == null ? pre : Slices.gather(pre, last);
            NDArray sum = kept.add(attnOut);
            NDArray mid = order.parallel() ? kept : packedHooks.rows(HookKind.RESID_MID, layer, sum, going);
            NDArray in = packedHooks.rows(HookKind.MLP_IN, layer, mid, going);
            NDArray read = order.normsSum() ? ln1(layer, w, in, going) : in;
            NDArray mlpOut = model.rules()
                    .written(
                            layer,
                            packedHooks.rows(
                                    HookKind.MLP_OUT,
                                    layer,
                                    keepLast(() -> model.rules().mlp(transformed(layer, w, read, going))),
                                    going));
            NDArray stays = order.normsSum() ? read : order.parallel() ? sum : mid;
            NDArray post = packedHooks.rows(HookKind.RESID_POST, layer, stays.add(mlpOut), going);
            if (order.normsSum()) {
                post = packedHooks.rows(HookKind.NORMALIZED_RESID_POST, layer, ln2(layer, w, post, going), going);
            }
            NDScope.unregister(post);
            return post;
        }
    }

    /**
     * Runs all layers on a stream outside every scope: {@code stream} is closed, the result belongs to the caller.
     *
     * @param last the rows of the last layer; {@code rows} if nothing is narrowed
     */
    public NDArray runAll(NDArray stream, LayerBatch rows, LayerBatch last) {
        int layers = model.config().layers();
        NDArray now = stream;
        for (int layer = 0; layer < layers; layer++) {
            NDArray next = run(layer, now, layer == layers - 1 ? last : rows);
            now.close();
            now = next;
        }
        return now;
    }

    /**
     * Keeps the last array that {@code maths} makes and frees earlier ones, so that the next step reuses their memory.
     */
    private static NDArray keepLast(Supplier<NDArray> maths) {
        NDArray last;
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            last = maths.get();
            NDScope.unregister(last);
        }
        NDScope.register(last);
        return last;
    }

    /** Returns the attention output that is added to the stream. */
    private NDArray attended(int layer, LayerWeights w, NDArray pre, LayerBatch rows) {
        NDArray out = attention.run(layer, w, pre, rows);
        return order.normsOutput()
                ? norm(
                        HookKind.LN1_POST_SCALE,
                        HookKind.LN1_POST_NORMALIZED,
                        layer,
                        out,
                        w.ln1PostGain(),
                        null,
                        rows.queries())
                : out;
    }

    /** Returns the MLP output that is added to the stream. */
    private NDArray transformed(int layer, LayerWeights w, NDArray in, RowLayout rows) {
        NDArray out = mlp(layer, w, order.normsInput() ? ln2(layer, w, in, rows) : in, rows);
        return order.normsOutput()
                ? norm(HookKind.LN2_POST_SCALE, HookKind.LN2_POST_NORMALIZED, layer, out, w.ln2PostGain(), null, rows)
                : out;
    }

    private NDArray mlp(int layer, LayerWeights w, NDArray x, RowLayout rows) {
        WeightMatrix gate = w.gate();
        NDArray post;
        if (gate == null) {
            NDArray pre = packedHooks.rows(HookKind.PRE, layer, maths.project(x, w.mlpIn(), w.mlpInBias()), rows);
            post = maths.activated(pre);
        } else if (w.gateBias() == null && w.mlpInBias() == null && !hookedBeforeGate(layer)) {
            post = maths.gatedProducts(x, gate, w.mlpIn());
        } else {
            NDArray pre = packedHooks.rows(HookKind.PRE, layer, maths.project(x, gate, w.gateBias()), rows);
            NDArray linear =
                    packedHooks.rows(HookKind.PRE_LINEAR, layer, maths.project(x, w.mlpIn(), w.mlpInBias()), rows);
            post = maths.gated(pre, linear);
        }
        return maths.project(packedHooks.rows(HookKind.POST, layer, post, rows), w.mlpOut(), w.mlpOutBias());
    }

    private boolean hookedBeforeGate(int layer) {
        return packedHooks.waits(HookKind.PRE, layer) || packedHooks.waits(HookKind.PRE_LINEAR, layer);
    }

    private NDArray ln1(int layer, LayerWeights w, NDArray x, RowLayout rows) {
        return norm(HookKind.LN1_SCALE, HookKind.LN1_NORMALIZED, layer, x, w.ln1Gain(), w.ln1Bias(), rows);
    }

    private NDArray ln2(int layer, LayerWeights w, NDArray x, RowLayout rows) {
        return norm(HookKind.LN2_SCALE, HookKind.LN2_NORMALIZED, layer, x, w.ln2Gain(), w.ln2Bias(), rows);
    }

    private NDArray norm(
            HookKind scale,
            HookKind normalized,
            int layer,
            NDArray x,
            @Nullable NDArray gain,
            @Nullable NDArray bias,
            RowLayout rows) {
        return maths.norm(
                x,
                Present.of(gain, "gain of a norm in layer " + layer),
                bias,
                s -> packedHooks.rows(scale, layer, s, rows),
                n -> packedHooks.rows(normalized, layer, n, rows));
    }
}
