package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import java.util.Random;

/** The activation plus Gaussian noise of this standard deviation, drawn from {@code seed}. */
public record GaussianNoise(double sigma, long seed) implements WithoutRuns {
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
        Random random = new Random(seed);
        float[] values = new float[(int) before.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (sigma * random.nextGaussian());
        }
        return before.add(before.getManager().create(values, before.getShape()));
    }
}
