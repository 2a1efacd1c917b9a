package dev.kausal.engine.metrics;

import java.util.OptionalInt;
import java.util.function.IntUnaryOperator;

/** A metric of the edited run alone, so that it is the same in every plan. */
public sealed interface OwnLogits extends Metric
        permits LargestLogit,
                LogLikelihood,
                LogProbability,
                Loss,
                Probability,
                ProbabilityDifference,
                ScriptMetric,
                TokenMetric {
    @Override
    default OptionalInt reference() {
        return OptionalInt.empty();
    }

    @Override
    default Metric renumbered(IntUnaryOperator runs) {
        return this;
    }
}
