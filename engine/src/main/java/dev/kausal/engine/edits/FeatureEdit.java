package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.features.Dictionary;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * For an autoencoder: the activation with other activations of some of its features: the changes times the features' directions are added, so
 * that all other features, and what the dictionary does not reconstruct, stay.
 *
 * <p>For a transcoder, activations are those of what it reads in the edited run, and the edit's hook point is the one that it reconstructs.
 *
 * @param dictionary returns an autoencoder of the edit's hook point, or a transcoder that reconstructs it; the same object for equal edits
 * @param features features to change, each once
 * @param change how
 * @param site hook point that a transcoder reads; empty for an autoencoder
 */
public record FeatureEdit(
        Supplier<Dictionary> dictionary, List<Integer> features, FeatureChange change, Optional<String> site)
        implements WithoutRuns {
    public FeatureEdit {
        features = List.copyOf(features);
    }

    /** Creates an edit of an autoencoder's features. */
    public FeatureEdit(Supplier<Dictionary> dictionary, List<Integer> features, FeatureChange change) {
        this(dictionary, features, change, Optional.empty());
    }

    @Override
    public Optional<String> reads() {
        return change.readsActivations() ? site : Optional.empty();
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
        NDArray x = site.isEmpty()
                ? own.rows(before)
                : change.readsActivations()
                        ? own.rows(sources.here())
                        : before.reshape(before.getShape().get(1), -1);
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
