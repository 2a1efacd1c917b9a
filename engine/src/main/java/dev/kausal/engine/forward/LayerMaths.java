package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.config.Activation;
import dev.kausal.engine.config.BlockConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.tensor.InPlace;
import dev.kausal.engine.tensor.WeightMatrix;
import dev.kausal.engine.tensor.WeightProduct;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The row-wise steps of a layer. Arrays belong to the open NDScope. */
public final class LayerMaths {
    private final Activation activation;
    private final Linearisation rules;
    private final boolean rms;
    private final float epsilon;

    public LayerMaths(ModelConfig config) {
        this(config, Linearisation.NONE);
    }

    LayerMaths(ModelConfig config, Linearisation rules) {
        this.activation = config.activation();
        this.rules = rules;
        this.rms = config.block().norm() == BlockConfig.Norm.RMS_NORM;
        this.epsilon = (float) config.normEpsilon();
    }

    /** Returns x [rows, in] · weight [in, out] + bias [out] (if not null): [rows, out]. */
    public NDArray project(NDArray x, NDArray weight, @Nullable NDArray bias) {
        return biased(WeightProduct.of(x, weight), bias);
    }

    /** Returns the same in the precision of {@code weight}. */
    public NDArray project(NDArray x, WeightMatrix weight, @Nullable NDArray bias) {
        return biased(weight.times(x), bias);
    }

    private static NDArray biased(NDArray product, @Nullable NDArray bias) {
        return bias == null ? product : InPlace.add(product, bias);
    }

    /**
     * Applies the model's norm to each row (the last axis).
     *
     * @param x [rows, d_model]
     * @param scaleHook receives the divisor, sqrt(variance + epsilon) or sqrt(mean square + epsilon), [rows, 1]
     * @param normalizedHook receives the normalised rows before gain and bias, [rows, d_model], as in newer
     *     TransformerLens
     * @return [rows, d_model]
     */
    public NDArray norm(
            NDArray x,
            NDArray gain,
            @Nullable NDArray bias,
            UnaryOperator<NDArray> scaleHook,
            UnaryOperator<NDArray> normalizedHook) {
        NDArray centred = centred(x);
        NDArray scale = scaleHook.apply(rules.scale(scale(centred)));
        NDArray gained = normalizedHook.apply(centred.div(scale)).mul(gain);
        return bias == null ? gained : InPlace.add(gained, bias);
    }

    /** Returns the model's non-linearity of each element of {@code x}. */
    NDArray activated(NDArray x) {
        return rules.activated(activation, x);
    }

    /** Returns the model's non-linearity of each element of {@code x}, times {@code linear}. */
    NDArray gated(NDArray x, NDArray linear) {
        return rules.gated(activation, x, linear);
    }

    /**
     * Returns the model's non-linearity of x · gate, times x · linear.
     *
     * @param x [row, in]
     * @param gate [in, neuron]
     * @param linear [in, neuron]
     * @return [row, neuron]
     */
    NDArray gatedProducts(NDArray x, WeightMatrix gate, WeightMatrix linear) {
        return WeightProduct.joined(gated(gate.timesInBlocks(x), linear.timesInBlocks(x)));
    }

    /** Returns whether the model's norm subtracts means. */
    boolean centres() {
        return !rms;
    }

    /** Returns rows minus their means, or the rows themselves for an RMS norm: [rows, d_model]. */
    public NDArray centred(NDArray x) {
        return rms ? x : x.sub(x.mean(new int[] {-1}, true));
    }

    /** Returns the norm's divisor of centred rows [rows, d_model]: [rows, 1]. */
    public NDArray scale(NDArray centred) {
        NDArray meanSquare = centred.square().mean(new int[] {-1}, true);
        return InPlace.add(meanSquare, epsilon).sqrt();
    }
}
