package dev.kausal.engine.plan;

import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.metrics.Metric;
import java.util.List;

/**
 * One number to compute.
 *
 * @param run index of the run that is edited
 * @param edits in order; empty for the unedited run
 * @param metric what is computed from the logits
 */
public record Cell(int run, List<Edit> edits, Metric metric) {
    public Cell {
        edits = List.copyOf(edits);
    }

    /** Creates a cell with one edit. */
    public Cell(int run, Edit edit, Metric metric) {
        this(run, List.of(edit), metric);
    }
}
