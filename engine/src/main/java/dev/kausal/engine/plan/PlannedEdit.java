package dev.kausal.engine.plan;

import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.hooks.HookPoint;

/**
 * An edit with its hook point.
 *
 * @param edit the edit
 * @param point its hook point
 * @param inherited whether it belongs to the run, so that the base run has it too and audits skip it
 */
public record PlannedEdit(Edit edit, HookPoint point, boolean inherited) {
    /** Returns the first position that it touches. */
    public int first() {
        return edit.rows().first();
    }

    /** Returns the last position that it touches in a prompt of {@code length}. */
    public int last(int length) {
        return edit.rows().all() ? length - 1 : edit.rows().last();
    }

    /** Of the point, only its index counts, since plans hash millions of edits. */
    @Override
    public int hashCode() {
        return 31 * edit.hashCode() + point.index();
    }
}
