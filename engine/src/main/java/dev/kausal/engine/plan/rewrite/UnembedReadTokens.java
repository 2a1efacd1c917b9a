package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.plan.CompiledPlan;

/** Multiplies only the columns of the unembedding that a metric reads. */
final class UnembedReadTokens implements Rewrite {
    @Override
    public String name() {
        return "unembed only tokens that are read";
    }

    @Override
    public String reason() {
        return "a logit needs one column; probabilities, KL and loss still need the whole vocabulary";
    }

    @Override
    public CompiledPlan apply(CompiledPlan plan) {
        return plan.withTokensOnly();
    }
}
