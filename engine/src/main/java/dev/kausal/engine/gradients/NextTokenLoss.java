package dev.kausal.engine.gradients;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.exec.InputBatch;
import dev.kausal.engine.model.Input;
import dev.kausal.engine.tensor.Recording;
import java.util.stream.IntStream;

/** Mean negative log-probability of each token given those before it. */
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
        return logProbabilities(logits, targets).mean().neg();
    }

    /** Log-probability of one entry of each row: [row, 1]. */
    static NDArray logProbabilities(NDArray logits, long[] entries) {
        NDManager manager = logits.getManager();
        NDArray index = Recording.own(manager.create(entries, new Shape(entries.length, 1)));
        return logits.logSoftmax(-1).gather(index, 1);
    }
}
