package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;

/** Rotary position embedding (Su et al. 2021): the halves of each head turned against each other by position. */
final class Rotary {
    private final int half;
    private final float[] frequencies;
    private final List<float[]> cosines = new ArrayList<>();
    private final List<float[]> sines = new ArrayList<>();

    Rotary(ModelConfig config) {
        this.half = config.dHead() / 2;
        this.frequencies = new float[half];
        for (int i = 0; i < half; i++) {
            // Frequencies and angles in float32, as the reference implementations round them.
            frequencies[i] = 1f / (float) Math.pow(config.ropeTheta(), (2f * i) / config.dHead());
        }
    }

    /** Cosines and sines of the rows' angles, each [row, 1, d_head / 2]. */
    record Angles(NDArray cos, NDArray sin) {}

    Angles angles(int[] positions, NDManager local) {
        float[] cos = new float[positions.length * half];
        float[] sin = new float[positions.length * half];
        for (int row = 0; row < positions.length; row++) {
            extendTo(positions[row]);
            System.arraycopy(cosines.get(positions[row]), 0, cos, row * half, half);
            System.arraycopy(sines.get(positions[row]), 0, sin, row * half, half);
        }
        Shape shape = new Shape(positions.length, 1, half);
        return new Angles(local.create(cos, shape), local.create(sin, shape));
    }

    private synchronized void extendTo(int position) {
        while (cosines.size() <= position) {
            float[] cos = new float[half];
            float[] sin = new float[half];
            for (int i = 0; i < half; i++) {
                float angle = cosines.size() * frequencies[i];
                cos[i] = (float) Math.cos(angle);
                sin[i] = (float) Math.sin(angle);
            }
            sines.add(sin);
            cosines.add(cos);
        }
    }

    /** Rotates x [row, head, d_head] into a new array. */
    NDArray rotate(NDArray x, Angles angles) {
        NDList halves = x.split(2, 2);
        NDArray a = halves.get(0);
        NDArray b = halves.get(1);
        NDArray first = a.mul(angles.cos()).subi(b.mul(angles.sin()));
        NDArray second = b.mul(angles.cos()).addi(a.mul(angles.sin()));
        return first.concat(second, 2);
    }
}
