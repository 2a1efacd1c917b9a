package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import dev.kausal.engine.config.Activation;
import dev.kausal.engine.tensor.Recording;

/**
 * How the backward pass goes through the parts of a layer that are not linear. The forward pass is the same whatever
 * the rules are, except for rounding: only gradients differ.
 *
 * @param norms through the divisors of norms
 * @param patterns through attention patterns
 * @param activations through the non-linearities of MLPs
 * @param gates through the products of gated MLPs
 * @param mlps through MLPs as a whole
 * @param softmax how an edit of queries, keys or scores reaches the pattern
 * @param writes through what layers add to the stream
 */
public record Linearisation(
        Norms norms,
        Patterns patterns,
        Activations activations,
        Gates gates,
        Mlps mlps,
        Softmax softmax,
        Writes writes) {
    /** Creates rules by which gradients flow through what all layers write. */
    public Linearisation(
            Norms norms, Patterns patterns, Activations activations, Gates gates, Mlps mlps, Softmax softmax) {
        this(norms, patterns, activations, gates, mlps, softmax, new Kept());
    }

    /** The model's own gradient. */
    public static final Linearisation NONE = new Linearisation(
            Norms.THROUGH, Patterns.THROUGH, Activations.SLOPE, Gates.PRODUCT, Mlps.THROUGH, Softmax.SLOPE);

    /**
     * The rules of RelP (Jafari et al. 2025): constant norms, secants of activations, half of the gradient to each side
     * of a gate.
     */
    public static final Linearisation RELP = new Linearisation(
            Norms.FROZEN, Patterns.THROUGH, Activations.SECANT, Gates.HALF, Mlps.THROUGH, Softmax.SLOPE);

    /** The rules of attribution graphs (Ameisen et al. 2025): constant norms and patterns, and nothing through MLPs. */
    public static final Linearisation DIRECT =
            new Linearisation(Norms.FROZEN, Patterns.FROZEN, Activations.SLOPE, Gates.PRODUCT, Mlps.CUT, Softmax.SLOPE);

    private static final float NEAR_ZERO = 1e-4f;

    /** The divisors of norms. */
    public enum Norms {
        /** Gradients flow through them. */
        THROUGH,
        /** They are constants. */
        FROZEN
    }

    /** Attention patterns. */
    public enum Patterns {
        /** Gradients flow through them, to queries and keys. */
        THROUGH,
        /** They are constants. */
        FROZEN
    }

    /** The non-linearities of MLPs. */
    public enum Activations {
        /** Their slope. */
        SLOPE,
        /** Their value divided by their input: the slope of the line through the origin. */
        SECANT
    }

    /** The products of gated MLPs. */
    public enum Gates {
        /** The product rule: the gradient to each side is that of the product times the other side. */
        PRODUCT,
        /** Half of that to each side, so that the change is not counted twice. */
        HALF
    }

    /** MLPs. */
    public enum Mlps {
        /** Gradients flow through them. */
        THROUGH,
        /** Their outputs are constants. */
        CUT
    }

    /** The softmax of attention, for edits of what it is computed from. It does not change gradients. */
    public enum Softmax {
        /** Its slope at the unedited scores. */
        SLOPE,
        /** Computed again with the edited scores, so that saturation is no zero (the fix of AtP*, Kramár et al. 2024). */
        COMPUTED
    }

    /** What the attention and the MLP of a layer add to the stream. */
    public sealed interface Writes {}

    /** Gradients flow through it in every layer. */
    public record Kept() implements Writes {}

    /** It is a constant in one layer. */
    public record Dropped(int layer) implements Writes {}

    /**
     * One pass for each layer, in which it is a constant there, and the mean of the sizes of what these passes give (gradient
     * drop of AtP*, Kramár et al. 2024), so that effects of opposite sign through several layers do not cancel. A pass itself
     * knows no such rule: see {@link #without}.
     */
    public record EachDropped() implements Writes {}

    /** Returns whether sizes of several passes are averaged, so that estimates have no sign. */
    public boolean unsigned() {
        return writes instanceof EachDropped;
    }

    /** Returns the rules of the pass in which what {@code layer} writes is a constant. */
    public Linearisation without(int layer) {
        return new Linearisation(norms, patterns, activations, gates, mlps, softmax, new Dropped(layer));
    }

    /** Returns what a layer's attention or MLP adds to the stream. */
    NDArray written(int layer, NDArray output) {
        return writes instanceof Dropped dropped && dropped.layer() == layer ? output.stopGradient() : output;
    }

    /** Returns the divisor of a norm. */
    NDArray scale(NDArray scale) {
        return norms == Norms.FROZEN ? scale.stopGradient() : scale;
    }

    /** Returns whether gradients flow through patterns, by the slope of softmax. */
    boolean plainPatterns() {
        return patterns == Patterns.THROUGH && softmax == Softmax.SLOPE;
    }

    /** Returns the pattern of attention. */
    NDArray pattern(NDArray pattern) {
        return patterns == Patterns.FROZEN ? pattern.stopGradient() : pattern;
    }

    /** Returns the output of an MLP. */
    NDArray mlp(NDArray output) {
        return mlps == Mlps.CUT ? output.stopGradient() : output;
    }

    /** Returns the non-linearity of {@code x}. */
    NDArray activated(Activation activation, NDArray x) {
        if (activations == Activations.SLOPE || !Recording.on()) {
            return activation.apply(x);
        }
        NDArray constant = x.stopGradient();
        NDArray value = activation.apply(constant);
        // Next to 0 the quotient is that of a number close to it, as 0 / 0 is undefined.
        NDArray divisor =
                NDArrays.where(constant.abs().lt(NEAR_ZERO), constant.onesLike().mul(NEAR_ZERO), constant);
        NDArray slope = activation.apply(divisor).div(divisor);
        return value.add(x.sub(constant).mul(slope));
    }

    /** Returns the non-linearity of {@code x} times {@code linear}. */
    NDArray gated(Activation activation, NDArray x, NDArray linear) {
        if (!Recording.on() || (activations == Activations.SLOPE && gates == Gates.PRODUCT)) {
            return activation.gate(x, linear);
        }
        NDArray product = activated(activation, x).mul(linear);
        if (gates == Gates.PRODUCT) {
            return product;
        }
        NDArray half = product.mul(Recording.scalar(product, 0.5f));
        return half.add(half.stopGradient());
    }
}
