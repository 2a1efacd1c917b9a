package dev.kausal.engine.circuits;

import dev.kausal.engine.config.Input;
import dev.kausal.engine.forward.Linearisation;
import dev.kausal.engine.gradients.Objective;
import dev.kausal.engine.gradients.RecordedPass;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.model.HookedModel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/**
 * Pairs of one length, and for images of one size, that run together.
 *
 * @param pairs at least one
 */
record PairBatch(List<EdgePair> pairs) {
    PairBatch {
        pairs = List.copyOf(pairs);
    }

    int size() {
        return pairs.size();
    }

    int length() {
        return pairs.get(0).length();
    }

    /** Returns the clean inputs, then the corrupted ones. */
    List<Input> inputs() {
        return Stream.concat(pairs.stream().map(EdgePair::clean), pairs.stream().map(EdgePair::corrupted))
                .toList();
    }

    /**
     * Returns the recorded pass of the clean inputs, whose number is the sum of the pairs' metrics.
     *
     * @param copies how often all inputs are in the batch, one after the other
     */
    RecordedPass pass(HookedModel model, Linearisation rules, int copies) {
        List<Input> inputs = new ArrayList<>();
        List<Metric> metrics = new ArrayList<>();
        List<Integer> read = new ArrayList<>();
        List<float[]> references = new ArrayList<>();
        for (EdgePair pair : pairs) {
            int before = references.size();
            references.addAll(pair.references());
            inputs.add(pair.clean());
            metrics.add(pair.metric().renumbered(index -> before + index));
            read.add(pair.read());
        }
        Objective sum = Objective.sum(repeated(metrics, copies), repeated(read, copies), references::get);
        return new RecordedPass(model, repeated(inputs, copies), new Hooks(model.points()), sum, rules);
    }

    private static <T> List<T> repeated(List<T> items, int copies) {
        return Collections.nCopies(copies, items).stream().flatMap(List::stream).toList();
    }
}
