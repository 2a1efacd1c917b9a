package dev.kausal.engine.edits;

/** Which units of a hook point an edit touches. */
public sealed interface Part {
    /** All of them. */
    record All() implements Part {}

    /** One head: axis {@code head} of z, q, k, v (key-value heads there), result, scores and pattern. */
    record Head(int head) implements Part {}

    /** One coordinate of the last axis: a neuron, or a direction of the residual stream. */
    record Unit(int unit) implements Part {}

    /** All units. */
    Part ALL = new All();
}
