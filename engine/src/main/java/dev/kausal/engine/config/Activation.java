package dev.kausal.engine.config;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.tensor.Fused;
import dev.kausal.engine.tensor.InPlace;
import dev.kausal.engine.tensor.Recording;
import java.util.function.UnaryOperator;

/** Non-linearities of MLPs; each returns a new array and leaves its input unchanged. */
public enum Activation {
    /** x · sigmoid(x). */
    SILU(x -> InPlace.mul(x.getNDArrayInternal().sigmoid(), x)),
    /** The exact Gaussian error linear unit. */
    GELU(x -> x.getNDArrayInternal().gelu()),
    /** The tanh approximation that GPT-2 was trained with ({@code gelu_new}). */
    GELU_TANH(Fused::geluTanh),
    /** x · sigmoid(1.702 x), an approximation of GELU ({@code quick_gelu}). */
    QUICK_GELU(x ->
            InPlace.mul(x.mul(Recording.scalar(x, 1.702f)).getNDArrayInternal().sigmoid(), x)),
    /** The hyperbolic tangent, used by poolers. */
    TANH(x -> x.tanh()),
    /** max(x, 0). */
    RELU(x -> x.getNDArrayInternal().relu());

    private final UnaryOperator<NDArray> function;

    Activation(UnaryOperator<NDArray> function) {
        this.function = function;
    }

    /** Applies the function to each element of {@code x}. */
    public NDArray apply(NDArray x) {
        return function.apply(x);
    }

    /** Applies the function to each element of {@code x} and multiplies the result by {@code gated}. */
    public NDArray gate(NDArray x, NDArray gated) {
        return this == SILU && !Recording.on() ? Fused.siluGate(x, gated) : InPlace.mul(apply(x), gated);
    }
}
