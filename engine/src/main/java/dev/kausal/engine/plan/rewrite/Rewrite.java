package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.plan.CompiledPlan;

/** One way to compute less and get the same numbers. */
public interface Rewrite {
    /** What it does, in a few words, as {@code explain} prints it. */
    String name();

    /** Why the numbers stay the same. */
    String reason();

    /** The plan rewritten; {@code plan} itself where there is nothing to do. */
    CompiledPlan apply(CompiledPlan plan);
}
