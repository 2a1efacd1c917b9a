package dev.kausal.engine.plan;

import dev.kausal.engine.config.Input;
import dev.kausal.engine.edits.Edit;
import java.util.List;

/**
 * An input as it runs before any cell edits it.
 *
 * @param input what is read
 * @param read position whose outputs metrics read; the last of a prompt, the masked one of a masked LM. A classifier's
 *     outputs belong to no position
 * @param edits made in every cell on this run too, before the cell's own (a noised subject)
 */
public record Run(Input input, int read, List<Edit> edits) {
    public Run {
        edits = List.copyOf(edits);
        if (read < 0 || read >= input.length()) {
            throw new IllegalArgumentException("position " + read + " of an input of " + input.length());
        }
    }

    /** An input read at its last position. */
    public Run(Input input, List<Edit> edits) {
        this(input, input.length() - 1, edits);
    }

    /** A prompt read at its last position. */
    public Run(int[] ids, List<Edit> edits) {
        this(Input.tokens(ids), edits);
    }

    /** Number of positions. */
    public int length() {
        return input.length();
    }

    /** Token ids [position]; empty for an image. */
    public int[] ids() {
        return input.ids();
    }

    /** The same input with other edits. */
    public Run with(List<Edit> others) {
        return new Run(input, read, others);
    }
}
