package dev.kausal.engine.requests;

import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.training.InterchangePair;
import dev.kausal.engine.training.SubspaceTrainer;
import dev.kausal.engine.training.SubspaceTraining;
import dev.kausal.engine.training.TrainedSubspace;
import java.util.List;

/**
 * A subspace of a hook point's activations, trained by distributed alignment search.
 *
 * @param site name of the hook point
 * @param pairs what it is trained on
 * @param training how it is trained
 */
public record SubspaceSearch(String site, List<InterchangePair> pairs, SubspaceTraining training)
        implements Request<TrainedSubspace> {
    public SubspaceSearch {
        pairs = List.copyOf(pairs);
    }

    @Override
    public TrainedSubspace of(HookedModel model) {
        return SubspaceTrainer.train(model, site, pairs, training);
    }
}
