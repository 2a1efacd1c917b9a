package dev.kausal.engine.plan;

import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.hooks.HookPoint;

/**
 * An edit with the place in the pass at which it is made.
 *
 * @param edit what is changed
 * @param point where
 * @param inherited whether it belongs to the run, so that the base run has it too and no audit counts it
 */
public record PlannedEdit(Edit edit, HookPoint point, boolean inherited) {
    /** First position that it touches in a prompt of {@code length}. */
    public int first() {
        return edit.rows().first();
    }

    /** Last position that it touches in a prompt of {@code length}. */
    public int last(int length) {
        return edit.rows().all() ? length - 1 : edit.rows().last();
    }
}
