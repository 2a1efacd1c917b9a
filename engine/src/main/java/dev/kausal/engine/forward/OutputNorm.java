package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.errors.Present;
import java.util.function.UnaryOperator;

/**
 * The norm of attention's output in models that have one before the sum (Gemma 2): what a head adds to the stream then
 * depends on the other heads of its layer. Arrays belong to the open NDScope.
 */
public final class OutputNorm {
    private final Transformer model;
    private final LayerMaths maths;

    /** Creates the norms of a model, if it has any. */
    public OutputNorm(Transformer model) {
        this.model = model;
        this.maths = new LayerMaths(model.config());
    }

    /** Returns whether the model has such a norm. */
    public boolean present() {
        return model.config().block().order().normsOutput();
    }

    /**
     * Returns what enters the norm: the sum of the heads' outputs and the bias.
     *
     * @param results [input, position, head, d_model]
     * @return [input, position, d_model]
     */
    public NDArray input(int layer, NDArray results) {
        NDArray bias = model.weights().layers().get(layer).outputBias();
        NDArray sum = results.sum(new int[] {2});
        return bias == null ? sum : sum.add(bias);
    }

    /** Returns norm(input + change) − norm(input); shapes as for broadcasting. */
    public NDArray exact(int layer, NDArray input, NDArray change) {
        return normed(layer, input.add(change)).sub(normed(layer, input));
    }

    private NDArray normed(int layer, NDArray x) {
        return maths.norm(x, gain(layer), null, UnaryOperator.identity(), UnaryOperator.identity());
    }

    private NDArray gain(int layer) {
        return Present.of(
                model.weights().layers().get(layer).ln1PostGain(), "gain of attention's output norm in layer " + layer);
    }

    /** Returns the norm's Jacobian at {@code input}, applied to {@code change}; shapes as for broadcasting. */
    public NDArray linear(int layer, NDArray input, NDArray change) {
        NDArray centred = maths.centred(input);
        NDArray scale = maths.scale(centred);
        NDArray normalized = centred.div(scale);
        NDArray moved = maths.centred(change);
        NDArray along = normalized.mul(moved).mean(new int[] {-1}, true);
        return moved.sub(normalized.mul(along)).div(scale).mul(gain(layer));
    }
}
