package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * One vector at every position: in place of the activation, or added to it.
 *
 * @param values values of all units of a position, head by head
 * @param added whether it is added rather than written
 */
public record GivenVector(List<Float> values, boolean added) implements WithoutRuns {
    public GivenVector {
        values = List.copyOf(values);
    }

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
        float[] numbers = new float[values.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = values.get(i);
        }
        return target.filled(before, numbers, added);
    }
}
