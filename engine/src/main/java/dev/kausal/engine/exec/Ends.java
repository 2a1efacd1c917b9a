package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.model.EndShape;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.model.Weights;
import java.util.Arrays;
import java.util.function.UnaryOperator;

/** What stands before the first layer and after the last: embedding, final norm, unembedding. */
public final class Ends {
    private final Weights weights;
    private final EndShape shape;
    private final LayerMaths maths;
    private final Taps taps;

    /** The model's ends with nothing at their hook points. Arrays made land in the open NDScope. */
    public Ends(HookedModel model) {
        this(model, Taps.NONE);
    }

    Ends(HookedModel model, Taps taps) {
        this.weights = model.weights();
        this.shape = model.config().ends();
        this.maths = new LayerMaths(model.config());
        this.taps = taps;
    }

    /** Token ids [row] to the residual stream before layer 0 [row, d_model]. */
    NDArray embed(int[] ids, RowLayout layout, NDManager local) {
        NDArray gathered = LayerMaths.gather(weights.embed(), local.create(ids));
        NDArray scaled = shape.embedScale() == 1 ? gathered : gathered.muli((float) shape.embedScale());
        NDArray tokens = taps.rows(HookKind.EMBED, -1, scaled, layout);
        if (!shape.learnedPositions()) {
            return tokens;
        }
        int[] rows = Arrays.stream(layout.positions())
                .map(position -> position + shape.positionOffset())
                .toArray();
        NDArray positions = LayerMaths.gather(weights.positionEmbed(), local.create(rows));
        return tokens.add(taps.rows(HookKind.POS_EMBED, -1, positions, layout));
    }

    /** The stream after the last layer to logits, past the taps: [row, d_model] to [row, vocabulary]. */
    NDArray unembed(NDArray stream, RowLayout layout) {
        return taps.rows(HookKind.LOGITS, -1, logits(finalNorm(stream, layout)), layout);
    }

    /** The final norm past the taps: [row, d_model] to the same. */
    NDArray finalNorm(NDArray stream, RowLayout layout) {
        return maths.norm(
                stream,
                weights.finalGain(),
                weights.finalBias(),
                scale -> taps.rows(HookKind.FINAL_SCALE, -1, scale, layout),
                x -> taps.rows(HookKind.FINAL_NORMALIZED, -1, x, layout));
    }

    /** The final norm without taps: [row, d_model] to the same. */
    public NDArray finalNorm(NDArray stream) {
        return maths.norm(
                stream, weights.finalGain(), weights.finalBias(), UnaryOperator.identity(), UnaryOperator.identity());
    }

    /** Normed rows [row, d_model] to logits [row, vocabulary]. */
    public NDArray logits(NDArray normalized) {
        return capped(maths.project(normalized, weights.unembed(), weights.unembedBias()));
    }

    /** Normed rows [row, d_model] to the logits of these tokens only [row, token]. */
    NDArray logits(NDArray normalized, NDArray tokens) {
        NDArray columns = LayerMaths.gather(weights.unembed().transpose(), tokens);
        NDArray logits = normalized.matMul(columns.transpose());
        NDArray bias = weights.unembedBias();
        return capped(bias == null ? logits : logits.addi(bias.take(tokens)));
    }

    private NDArray capped(NDArray logits) {
        float cap = (float) shape.finalSoftCap();
        return cap == 0 ? logits : logits.divi(cap).tanh().muli(cap);
    }
}
