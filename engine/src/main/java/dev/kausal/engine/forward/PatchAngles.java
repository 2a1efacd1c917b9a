package dev.kausal.engine.forward;

import dev.kausal.engine.config.PatchConfig;
import dev.kausal.engine.config.RotaryConfig;
import dev.kausal.engine.rows.AttentionGroup;
import java.util.Arrays;

/**
 * Cosines and sines of patch angles, for DINOv3's rotation of queries and keys (Siméoni et al. 2025): the patch
 * centre's row, then column, each from -1 to 1, times a full turn and the frequency. Prefix positions do not rotate.
 */
final class PatchAngles {
    private final RotaryConfig shape;
    private final PatchConfig image;
    private final float[] cos;
    private final float[] sin;
    private int at;

    PatchAngles(RotaryConfig shape, PatchConfig image, int rows) {
        this.shape = shape;
        this.image = image;
        this.cos = new float[rows * shape.frequencies().length];
        this.sin = new float[cos.length];
        Arrays.fill(cos, 1);
    }

    void add(AttentionGroup segment) {
        int down = segment.extent().down(image);
        int across = segment.extent().across(image);
        int prefix = image.prefix().size();
        for (int[] positions : segment.positions()) {
            for (int position : positions) {
                if (position >= prefix) {
                    int patch = position - prefix;
                    turn(centre(patch / across, down), centre(patch % across, across));
                }
                at += shape.frequencies().length;
            }
        }
    }

    /** Returns a patch centre along an axis, in float32, with the reference implementation's rounding. */
    private static float centre(int index, int count) {
        float share = (index + 0.5f) / count;
        return (float) (2 * Math.PI) * (2 * share - 1);
    }

    private void turn(float row, float column) {
        float[] frequencies = shape.frequencies();
        for (int i = 0; i < frequencies.length; i++) {
            float angle = (i < frequencies.length / 2 ? row : column) * frequencies[i];
            cos[at + i] = (float) Math.cos(angle);
            sin[at + i] = (float) Math.sin(angle);
        }
    }

    /** Returns [row, pair]. */
    float[] cos() {
        return cos;
    }

    /** Returns [row, pair]. */
    float[] sin() {
        return sin;
    }
}
