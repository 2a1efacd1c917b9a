package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.plan.CompiledPlan;

/** One way to compute less without changing the numbers. */
public interface Rewrite {
    /** Returns what it does, in a few words, for {@code explain}. */
    String name();

    /** Returns why the numbers stay the same. */
    String reason();

    /** Rewrites {@code plan}; returns it unchanged if there is nothing to do. */
    CompiledPlan apply(CompiledPlan plan);
}
