package dev.kausal.engine.requests;

import dev.kausal.engine.model.HookedModel;
import java.util.List;

/**
 * Answers of a model of the same architecture with random weights, which has learned nothing; see {@link
 * HookedModel#withRandomWeights}.
 *
 * @param asked what it is asked, in order
 * @param seed seed of the weights
 */
public record OnRandomWeights<A>(List<Request<A>> asked, long seed) implements Request<List<A>> {
    public OnRandomWeights {
        asked = List.copyOf(asked);
    }

    @Override
    public List<A> of(HookedModel model) {
        try (HookedModel random = model.withRandomWeights(seed)) {
            return asked.stream().map(request -> request.of(random)).toList();
        }
    }
}
