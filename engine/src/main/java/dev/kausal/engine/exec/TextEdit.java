package dev.kausal.engine.exec;

import dev.kausal.engine.edits.Edit;

/**
 * An edit of a text that is being written.
 *
 * @param edit the edit. Where it names positions, these are positions of the prompt; one at all positions is made at
 *     those of {@code during}
 * @param during positions of an edit at all positions
 */
public record TextEdit(Edit edit, During during) {
    /** Positions of a text. */
    public enum During {
        /** The prompt's positions. */
        PROMPT,
        /** The positions that predict the answer's tokens: the prompt's last position and those after it. */
        ANSWER,
        /** All positions. */
        ALL
    }

    /** Returns the first position that it touches, after a prompt of {@code length}. */
    int first(int length) {
        return edit.rows().all() && during == During.ANSWER
                ? length - 1
                : edit.rows().first();
    }

    /** Returns the last position that it touches, after a prompt of {@code length}. */
    int last(int length) {
        if (!edit.rows().all()) {
            return edit.rows().last();
        }
        return during == During.PROMPT ? length - 1 : Integer.MAX_VALUE;
    }
}
