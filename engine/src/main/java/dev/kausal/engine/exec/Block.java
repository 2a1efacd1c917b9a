package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.model.LayerWeights;

/**
 * The layers' maths over packed rows: the only implementation, for whole passes and for the rows of a sweep alike.
 *
 * <p>The order of a block is pre-norm, sequential: attention reads the residual stream and adds to it, then the MLP.
 * Nothing that a tap has seen is changed in place afterwards.
 */
final class Block {
    private final HookedModel model;
    private final LayerMaths maths;
    private final Attention attention;
    private final Taps taps;

    Block(HookedModel model, Rotary rotary, Taps taps, KeyValues memory) {
        this.model = model;
        this.maths = new LayerMaths(model.architecture(), model.config());
        this.attention = new Attention(model.config(), maths, rotary, taps, memory);
        this.taps = taps;
    }

    /** [key row, d_model] to [query row, d_model]; the result is outside every scope and the caller's to close. */
    NDArray run(int layer, NDArray stream, LayerRows rows) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            LayerWeights w = model.weights().layers().get(layer);
            RowLayout going = rows.queries();
            NDArray pre = taps.rows(HookKind.RESID_PRE, layer, stream, rows.keys());
            NDArray attended = attention.run(layer, w, pre, rows);
            NDArray attnOut = taps.rows(HookKind.ATTN_OUT, layer, attended, going);
            NDArray kept = rows.kept() == null ? pre : LayerMaths.gather(pre, rows.kept());
            NDArray mid = taps.rows(HookKind.RESID_MID, layer, kept.add(attnOut), going);
            NDArray mlpIn = taps.rows(HookKind.MLP_IN, layer, mid, going);
            NDArray mlpOut = taps.rows(HookKind.MLP_OUT, layer, mlp(layer, w, mlpIn, going), going);
            NDArray post = taps.rows(HookKind.RESID_POST, layer, mid.add(mlpOut), going);
            NDScope.unregister(post);
            return post;
        }
    }

    private NDArray mlp(int layer, LayerWeights w, NDArray mid, RowLayout rows) {
        NDArray x = maths.norm(
                mid,
                w.ln2Gain(),
                w.ln2Bias(),
                scale -> taps.rows(HookKind.LN2_SCALE, layer, scale, rows),
                normalized -> taps.rows(HookKind.LN2_NORMALIZED, layer, normalized, rows));
        NDArray post;
        if (w.gate() == null) {
            NDArray pre = taps.rows(HookKind.PRE, layer, maths.project(x, w.mlpIn(), w.mlpInBias()), rows);
            post = model.config().activation().apply(pre);
        } else {
            NDArray pre = taps.rows(HookKind.PRE, layer, maths.project(x, w.gate(), w.gateBias()), rows);
            NDArray linear = taps.rows(HookKind.PRE_LINEAR, layer, maths.project(x, w.mlpIn(), w.mlpInBias()), rows);
            post = model.config().activation().apply(pre).muli(linear);
        }
        return maths.project(taps.rows(HookKind.POST, layer, post, rows), w.mlpOut(), w.mlpOutBias());
    }
}
