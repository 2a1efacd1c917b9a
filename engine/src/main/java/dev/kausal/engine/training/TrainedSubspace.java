package dev.kausal.engine.training;

import java.util.List;

/**
 * A trained subspace.
 *
 * @param basis orthonormal vectors [rank][unit]
 * @param losses loss of each step's batch, before the step: mean cross-entropy of the counterfactual labels, in nats
 */
public record TrainedSubspace(List<double[]> basis, List<Double> losses) {
    public TrainedSubspace {
        basis = List.copyOf(basis);
        losses = List.copyOf(losses);
    }
}
