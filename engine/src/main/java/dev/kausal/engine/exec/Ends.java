package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.model.Weights;
import java.util.function.UnaryOperator;

/** What stands before the first layer and after the last: embedding, final norm, unembedding. */
final class Ends {
    private final Weights weights;
    private final LayerMaths maths;
    private final Taps taps;

    Ends(HookedModel model, Taps taps) {
        this.weights = model.weights();
        this.maths = new LayerMaths(model.architecture(), model.config());
        this.taps = taps;
    }

    /** Token ids [row] to the residual stream before layer 0 [row, d_model]. */
    NDArray embed(int[] ids, RowLayout layout, NDManager local) {
        NDArray tokens = taps.rows(HookKind.EMBED, -1, LayerMaths.gather(weights.embed(), local.create(ids)), layout);
        if (weights.positionEmbed() == null) {
            return tokens;
        }
        NDArray positions = LayerMaths.gather(weights.positionEmbed(), local.create(layout.positions()));
        return tokens.add(taps.rows(HookKind.POS_EMBED, -1, positions, layout));
    }

    /** The stream after the last layer to logits, past the taps: [row, d_model] to [row, vocabulary]. */
    NDArray unembed(NDArray stream, RowLayout layout) {
        NDArray normalized = maths.norm(
                stream,
                weights.finalGain(),
                weights.finalBias(),
                scale -> taps.rows(HookKind.FINAL_SCALE, -1, scale, layout),
                x -> taps.rows(HookKind.FINAL_NORMALIZED, -1, x, layout));
        return taps.rows(HookKind.LOGITS, -1, logits(normalized), layout);
    }

    /** The final norm without taps: [row, d_model] to the same. */
    NDArray finalNorm(NDArray stream) {
        return maths.norm(
                stream, weights.finalGain(), weights.finalBias(), UnaryOperator.identity(), UnaryOperator.identity());
    }

    /** Normed rows [row, d_model] to logits [row, vocabulary]. */
    NDArray logits(NDArray normalized) {
        return maths.project(normalized, weights.unembed(), null);
    }

    /** Normed rows [row, d_model] to the logits of these tokens only [row, token]. */
    NDArray logits(NDArray normalized, NDArray tokens) {
        NDArray columns = LayerMaths.gather(weights.unembed().transpose(), tokens);
        return normalized.matMul(columns.transpose());
    }
}
