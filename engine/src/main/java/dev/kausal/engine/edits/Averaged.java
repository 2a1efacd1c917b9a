package dev.kausal.engine.edits;

import java.util.List;

/**
 * Runs that a mean is taken over.
 *
 * @param runs indices into the plan's list
 * @param byPosition whether each position has a mean of its own, over runs of equal length; else one mean is over all
 *     positions
 */
public record Averaged(List<Integer> runs, boolean byPosition) {
    public Averaged {
        runs = List.copyOf(runs);
    }
}
