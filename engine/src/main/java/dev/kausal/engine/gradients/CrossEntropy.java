package dev.kausal.engine.gradients;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.rows.InputBatch;
import dev.kausal.engine.tensor.Recording;

/**
 * Weighted sum, in nats, of the cross-entropy of some rows with their targets, which have a probability of 1 −
 * smoothing, plus the smoothing's equal share of each output (Szegedy et al. 2016).
 */
final class CrossEntropy implements Objective {
    private final int[] rows;
    private final long[] targets;
    private final float[] weights;

    private final float smoothing;

    CrossEntropy(int[] rows, long[] targets, float[] weights, double smoothing) {
        if (!(smoothing >= 0 && smoothing < 1)) {
            throw ObjectiveException.smoothing(smoothing);
        }
        if (rows.length == 0 || rows.length != targets.length || rows.length != weights.length) {
            throw ObjectiveException.targets(rows.length, targets.length, weights.length);
        }
        this.rows = rows.clone();
        this.targets = targets.clone();
        this.weights = weights.clone();
        this.smoothing = (float) smoothing;
    }

    /** Returns the rows of the targets. A classifier that pools has one row per input. */
    @Override
    public int[] rows(InputBatch batch) {
        return rows.clone();
    }

    @Override
    public void check(ModelConfig config, InputBatch batch) {
        int count = config.head().pooled() ? batch.inputs().size() : batch.rows();
        for (int row : rows) {
            if (row < 0 || row >= count) {
                throw ObjectiveException.outside("row", row, count);
            }
        }
        for (long target : targets) {
            if (target < 0 || target >= config.outputs()) {
                throw ObjectiveException.outside("target", target, config.outputs());
            }
        }
    }

    @Override
    public NDArray of(NDArray outputs, InputBatch batch) {
        NDManager manager = outputs.getManager();
        Shape shape = new Shape(targets.length, 1);
        NDArray log = outputs.logSoftmax(-1);
        NDArray found = log.gather(Recording.nativeCopy(manager.create(targets, shape)), 1);
        if (smoothing > 0) {
            NDArray share = log.mean(new int[] {-1}, true);
            found = found.mul(Recording.scalar(found, 1 - smoothing))
                    .add(share.mul(Recording.scalar(share, smoothing)));
        }
        NDArray weighted = found.mul(Recording.nativeCopy(manager.create(weights, shape)));
        return weighted.sum().neg();
    }
}
