package dev.kausal.engine.model;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.tensor.InPlace;
import java.util.function.UnaryOperator;

/** Non-linearities of MLPs; each makes a new array and leaves its input as it is. */
public enum Activation {
    /** x · sigmoid(x). */
    SILU(x -> InPlace.mul(x.getNDArrayInternal().sigmoid(), x)),
    /** The exact Gaussian error linear unit. */
    GELU(x -> x.getNDArrayInternal().gelu()),
    /** The tanh approximation that GPT-2 was trained with ({@code gelu_new}). */
    GELU_TANH(Activation::geluTanh),
    /** The hyperbolic tangent, of poolers. */
    TANH(x -> x.tanh()),
    /** max(x, 0). */
    RELU(x -> x.getNDArrayInternal().relu());

    private static final double SQRT_2_OVER_PI = 0.7978845608028654;

    private final UnaryOperator<NDArray> function;

    Activation(UnaryOperator<NDArray> function) {
        this.function = function;
    }

    /** Applies it to each element of {@code x}. */
    public NDArray apply(NDArray x) {
        return function.apply(x);
    }

    private static NDArray geluTanh(NDArray x) {
        NDArray cubic = InPlace.add(InPlace.mul(x.mul(x), 0.044715f), 1f);
        NDArray inner = InPlace.mul(InPlace.mul(cubic, x), (float) SQRT_2_OVER_PI);
        NDArray gate = InPlace.add(inner.tanh(), 1f);
        return InPlace.mul(InPlace.mul(gate, x), 0.5f);
    }
}
