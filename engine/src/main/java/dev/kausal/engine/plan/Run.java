package dev.kausal.engine.plan;

import dev.kausal.engine.config.Input;
import dev.kausal.engine.edits.Edit;
import java.util.List;

/**
 * An input with its own edits, before any cell edits it.
 *
 * @param input the input
 * @param read position whose outputs metrics read: the last of a prompt, or the masked one for a masked LM; ignored for
 *     classifiers
 * @param edits edits made in every cell on this run, before the cell's own (such as subject noise)
 */
public record Run(Input input, int read, List<Edit> edits) {
    public Run {
        edits = List.copyOf(edits);
        if (read < 0 || read >= input.length()) {
            throw new IllegalArgumentException("position " + read + " of an input of length " + input.length());
        }
    }

    /** Creates a run of an input read at its last position. */
    public Run(Input input, List<Edit> edits) {
        this(input, input.length() - 1, edits);
    }

    /** Creates a run of a prompt read at its last position. */
    public Run(int[] ids, List<Edit> edits) {
        this(Input.tokens(ids), edits);
    }

    /** Returns the number of positions. */
    public int length() {
        return input.length();
    }

    /** Returns the token ids [position]; empty for an image. */
    public int[] ids() {
        return input.ids();
    }

    /** Returns the same input with other edits. */
    public Run with(List<Edit> others) {
        return new Run(input, read, others);
    }
}
