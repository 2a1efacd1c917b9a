package dev.kausal.engine.plan;

import java.util.List;

/**
 * A prompt as it runs before any cell edits it.
 *
 * @param ids token ids [position]
 * @param edits made in every cell on this run too, before the cell's own (a noised subject)
 */
public record Run(int[] ids, List<Edit> edits) {
    public Run {
        edits = List.copyOf(edits);
    }
}
