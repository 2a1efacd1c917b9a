package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import java.util.Random;

/**
 * One vector at every position, of a given Euclidean norm and a direction drawn from {@code seed}: in place of the
 * activation, or added to it. Equal seeds give equal vectors of one size.
 *
 * @param norm Euclidean norm
 * @param seed seed of the direction
 * @param added whether it is added rather than written
 */
public record RandomVector(double norm, long seed, boolean added) implements WithoutRuns {
    @Override
    public boolean callsScript() {
        return false;
    }

    @Override
    public boolean adds() {
        return added;
    }

    @Override
    public NDArray of(NDArray before, Target target, Sources sources) {
        Random random = new Random(seed);
        double[] direction = new double[target.units(before)];
        double squares = 0;
        for (int i = 0; i < direction.length; i++) {
            direction[i] = random.nextGaussian();
            squares += direction[i] * direction[i];
        }
        float[] values = new float[direction.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (direction[i] * norm / Math.sqrt(squares));
        }
        return target.filled(before, values, added);
    }
}
