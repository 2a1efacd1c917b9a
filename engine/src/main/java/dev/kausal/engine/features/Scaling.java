package dev.kausal.engine.features;

/** How a dictionary rescales each row of activations before it encodes it, and back. */
public enum Scaling {
    /** As it is. */
    NONE,
    /** Minus its mean, divided by its standard deviation with Bessel's correction plus 1e-5; back without the 1e-5. */
    LAYER_NORM,
    /** To a Euclidean norm of the square root of its length. */
    CONSTANT_NORM
}
