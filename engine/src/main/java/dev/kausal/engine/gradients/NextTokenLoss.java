package dev.kausal.engine.gradients;

import ai.djl.ndarray.NDArray;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.metrics.MetricMath;
import dev.kausal.engine.rows.InputBatch;
import java.util.stream.IntStream;

/** Mean negative log-probability of each token given the preceding ones. */
final class NextTokenLoss implements Objective {
    @Override
    public int[] rows(InputBatch batch) {
        int[] rows = new int[batch.rows() - batch.inputs().size()];
        int next = 0;
        int start = 0;
        for (Input input : batch.inputs()) {
            for (int position = 0; position + 1 < input.length(); position++) {
                rows[next++] = start + position;
            }
            start += input.length();
        }
        if (next == 0) {
            throw ObjectiveException.nothingPredicted();
        }
        return rows;
    }

    @Override
    public NDArray of(NDArray logits, InputBatch batch) {
        long[] targets = batch.inputs().stream()
                .flatMapToInt(input -> IntStream.of(input.ids()).skip(1))
                .asLongStream()
                .toArray();
        return MetricMath.logProbabilities(logits, targets).mean().neg();
    }
}
