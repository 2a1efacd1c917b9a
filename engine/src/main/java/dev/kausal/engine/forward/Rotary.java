package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.config.PatchConfig;
import dev.kausal.engine.config.RotaryConfig;
import dev.kausal.engine.rows.RowLayout;
import dev.kausal.engine.tensor.Fused;
import dev.kausal.engine.tensor.InPlace;
import dev.kausal.engine.tensor.Recording;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Rotary position embedding (Su et al. 2021): rotates pairs of a head's dimensions by position. */
public final class Rotary {
    private final RotaryConfig shape;
    private final Optional<PatchConfig> image;
    private final int pairs;
    private final List<float[]> cosines = new ArrayList<>();
    private final List<float[]> sines = new ArrayList<>();

    /** Creates a rotation; {@code image} gives the layout of patches if these are rotated. */
    Rotary(RotaryConfig shape, Optional<PatchConfig> image) {
        this.shape = shape;
        this.image = image;
        this.pairs = shape.frequencies().length;
    }

    /** Cosines and sines of the rows' angles, each [row, 1, pair]. */
    record Angles(NDArray cos, NDArray sin) {}

    /** Returns the angles of every row of a layout. */
    Angles angles(RowLayout layout, NDManager local) {
        return shape.patches() ? ofPatches(layout, local) : angles(layout.positions(), local);
    }

    private Angles ofPatches(RowLayout layout, NDManager local) {
        PatchAngles angles = new PatchAngles(shape, image.orElseThrow(), layout.rows());
        layout.segments().forEach(angles::add);
        Shape each = new Shape(layout.rows(), 1, pairs);
        return new Angles(
                Recording.nativeCopy(local.create(angles.cos(), each)),
                Recording.nativeCopy(local.create(angles.sin(), each)));
    }

    private synchronized Angles angles(int[] positions, NDManager local) {
        float[] cos = new float[positions.length * pairs];
        float[] sin = new float[positions.length * pairs];
        for (int row = 0; row < positions.length; row++) {
            extendTo(positions[row]);
            System.arraycopy(cosines.get(positions[row]), 0, cos, row * pairs, pairs);
            System.arraycopy(sines.get(positions[row]), 0, sin, row * pairs, pairs);
        }
        Shape each = new Shape(positions.length, 1, pairs);
        return new Angles(Recording.nativeCopy(local.create(cos, each)), Recording.nativeCopy(local.create(sin, each)));
    }

    private void extendTo(int position) {
        while (cosines.size() <= position) {
            float[] cos = new float[pairs];
            float[] sin = new float[pairs];
            float amplitude = (float) shape.amplitude();
            for (int i = 0; i < pairs; i++) {
                // Angles in float32, with the reference implementations' rounding.
                float angle = cosines.size() * shape.frequencies()[i];
                cos[i] = (float) Math.cos(angle) * amplitude;
                sin[i] = (float) Math.sin(angle) * amplitude;
            }
            sines.add(sin);
            cosines.add(cos);
        }
    }

    /** Rotates x [row, head, d_head] into a new array; dimensions beyond the pairs are unchanged. */
    NDArray rotate(NDArray x, Angles angles) {
        long width = x.getShape().get(2);
        if (width == 2L * pairs) {
            return shape.neighbours() ? neighbours(x, angles) : halves(x, angles);
        }
        NDList parts = x.split(new long[] {2L * pairs}, 2);
        NDArray turned = shape.neighbours() ? neighbours(parts.get(0), angles) : halves(parts.get(0), angles);
        return turned.concat(parts.get(1), 2);
    }

    private static NDArray halves(NDArray x, Angles angles) {
        if (!Recording.on()) {
            return Fused.rotateHalves(x, angles.cos(), angles.sin());
        }
        NDList halves = x.split(2, 2);
        NDList turned = turned(halves.get(0), halves.get(1), angles);
        return turned.get(0).concat(turned.get(1), 2);
    }

    private static NDArray neighbours(NDArray x, Angles angles) {
        NDArray apart =
                x.reshape(x.getShape().get(0), x.getShape().get(1), x.getShape().get(2) / 2, 2);
        NDList turned = turned(apart.get("..., 0"), apart.get("..., 1"), angles);
        return NDArrays.stack(turned, 3).reshape(x.getShape());
    }

    private static NDList turned(NDArray a, NDArray b, Angles angles) {
        NDArray first = InPlace.sub(a.mul(angles.cos()), b.mul(angles.sin()));
        NDArray second = InPlace.add(b.mul(angles.cos()), a.mul(angles.sin()));
        return new NDList(first, second);
    }
}
