package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.features.Dictionary;
import java.util.List;
import java.util.function.Supplier;

/**
 * The activation with other activations of some of its features: the changes times the features' directions are added, so
 * that all other features, and what the dictionary does not reconstruct, stay.
 *
 * @param dictionary returns an autoencoder of the edit's hook point; the same object for equal edits
 * @param features features to change, each once
 * @param change how
 */
public record FeatureEdit(Supplier<Dictionary> dictionary, List<Integer> features, FeatureChange change)
        implements WithoutRuns {
    public FeatureEdit {
        features = List.copyOf(features);
    }

    @Override
    public boolean callsScript() {
        return false;
    }

    @Override
    public boolean adds() {
        return true;
    }

    @Override
    public NDArray of(NDArray before, Target target, Sources sources) {
        Dictionary own = dictionary.get();
        NDArray x = own.rows(before);
        NDArray sum = null;
        NDArray active = change.readsActivations() ? own.encode(x, features) : null;
        for (int i = 0; i < features.size(); i++) {
            NDArray one = active == null ? null : active.get(":, {}:{}", i, i + 1);
            NDArray added = change.added(one, x).mul(own.direction(features.get(i), x));
            sum = sum == null ? added : sum.add(added);
        }
        return sum == null ? before : before.add(sum.reshape(before.getShape()));
    }
}
