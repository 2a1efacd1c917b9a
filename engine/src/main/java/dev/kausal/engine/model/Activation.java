package dev.kausal.engine.model;

import ai.djl.ndarray.NDArray;
import java.util.function.UnaryOperator;

/** Non-linearities of MLPs; each makes a new array and leaves its input as it is. */
public enum Activation {
    /** x · sigmoid(x). */
    SILU(x -> x.getNDArrayInternal().sigmoid().muli(x)),
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
        NDArray inner = x.mul(x).muli(0.044715f).addi(1f).muli(x).muli((float) SQRT_2_OVER_PI);
        NDArray gate = inner.tanh();
        return gate.addi(1f).muli(x).muli(0.5f);
    }
}
