package dev.kausal.engine.model;

import java.util.List;

/**
 * A model family as data: which checkpoint tensor is which parameter, and which variant of each step the layers take.
 *
 * <p>The maths is one implementation for all families ({@code exec.ForwardPass}); a family is a table for it.
 *
 * @param name the family's name in specs and messages
 * @param norm what stands before attention, MLP and unembedding
 * @param gatedMlp whether the MLP multiplies a gated branch (SwiGLU) or has one branch
 * @param tables one per checkpoint naming, tried in order
 */
public record Architecture(String name, Norm norm, boolean gatedMlp, List<Table> tables) {
    /** Normalisation of a row of the residual stream. */
    public enum Norm {
        /** Mean removed, divided by the standard deviation, gain and bias (Ba et al. 2016). */
        LAYER_NORM,
        /** Divided by the root mean square, gain (Zhang and Sennrich 2019). */
        RMS_NORM
    }

    /**
     * The tensors of one way to name a checkpoint.
     *
     * @param naming says whose names they are
     * @param rules one per tensor
     * @param ignored regular expressions of tensors that hold no weights (masks, rotary tables)
     */
    public record Table(String naming, List<WeightRule> rules, List<String> ignored) {}
}
