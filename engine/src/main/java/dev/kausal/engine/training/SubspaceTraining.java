package dev.kausal.engine.training;

/**
 * How a subspace is trained.
 *
 * @param rank number of dimensions
 * @param steps number of steps
 * @param batch number of pairs of a step; all if there are fewer
 * @param learningRate step size of Adam at the first step; it falls linearly towards 0
 * @param seed seed of the first basis and of the batches
 */
public record SubspaceTraining(int rank, int steps, int batch, double learningRate, long seed) {
    public SubspaceTraining {
        if (steps < 1) {
            throw SubspaceException.setting("steps", "" + steps, "1 or more");
        }
        if (batch < 1) {
            throw SubspaceException.setting("batch", "" + batch, "1 or more");
        }
        if (!(learningRate > 0 && learningRate < Double.POSITIVE_INFINITY)) {
            throw SubspaceException.setting("learning rate", "" + learningRate, "above 0");
        }
    }

    /** Returns the learning rate of step number {@code step}, counted from 0. */
    double rateAt(int step) {
        return learningRate * (steps - step) / steps;
    }
}
