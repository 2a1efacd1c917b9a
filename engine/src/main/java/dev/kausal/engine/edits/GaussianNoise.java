package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntUnaryOperator;

/** The activation plus Gaussian noise of this standard deviation, drawn from {@code seed}. */
public record GaussianNoise(double sigma, long seed) implements Replacement {
    @Override
    public List<Integer> runs() {
        return List.of();
    }

    @Override
    public List<Integer> averaged() {
        return List.of();
    }

    @Override
    public boolean callsScript() {
        return false;
    }

    @Override
    public Replacement renumbered(IntUnaryOperator runs) {
        return this;
    }

    @Override
    public Optional<FromRun> copied() {
        return Optional.empty();
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

    @Override
    public Optional<Table> table(String site, int rows, Sources sources) {
        return Optional.empty();
    }
}
