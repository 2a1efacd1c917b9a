package dev.kausal.engine.edits;

import java.util.List;

/**
 * Runs that a mean is taken over.
 *
 * @param runs indices into the plan's list
 * @param byPosition whether each position has its own mean, over runs of equal length, rather than one mean over all
 *     positions
 */
public record Averaged(List<Integer> runs, boolean byPosition) {
    public Averaged {
        runs = List.copyOf(runs);
    }
}
