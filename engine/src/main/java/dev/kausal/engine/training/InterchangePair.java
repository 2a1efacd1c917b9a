package dev.kausal.engine.training;

import dev.kausal.engine.config.Input;
import dev.kausal.engine.edits.PositionRange;
import java.util.List;

/**
 * An interchange intervention with the outputs that it should lead to (Geiger et al. 2023).
 *
 * @param base the input whose pass is changed
 * @param read position of the base whose outputs are read
 * @param at positions of the base that are changed
 * @param source the input whose activations are put in place
 * @param from as many positions of the source
 * @param targets the counterfactual label: the probability of any of these outputs is to be large
 */
public record InterchangePair(
        Input base, int read, PositionRange at, Input source, PositionRange from, List<Integer> targets) {
    public InterchangePair {
        targets = List.copyOf(targets);
        int changed = at.count(base.length());
        int put = from.count(source.length());
        if (changed != put) {
            throw SubspaceException.positions(changed, put);
        }
    }
}
