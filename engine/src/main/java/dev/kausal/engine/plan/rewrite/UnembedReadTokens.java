package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.PlannedCell;
import java.util.function.UnaryOperator;

/** Multiplies only the columns of the unembedding that a metric reads. */
final class UnembedReadTokens implements CellRewrite {
    @Override
    public String name() {
        return "unembed only tokens that are read";
    }

    @Override
    public String reason() {
        return "a logit needs one column; probabilities, KL and loss still need the whole vocabulary";
    }

    @Override
    public UnaryOperator<PlannedCell> of(CompiledPlan plan) {
        return UnaryOperator.identity();
    }

    @Override
    public CompiledPlan marked(CompiledPlan plan) {
        return plan.withTokensOnly();
    }

    @Override
    public CompiledPlan apply(CompiledPlan plan) {
        return marked(plan);
    }
}
