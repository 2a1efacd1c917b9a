package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import dev.kausal.engine.hooks.Hook;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.plan.Edit;
import dev.kausal.engine.plan.Part;
import dev.kausal.engine.plan.Rows;
import dev.kausal.engine.plan.Value;
import dev.kausal.engine.tensor.Recording;
import java.util.Random;

/** An {@link Edit} as a hook on one unbatched sequence; remembers what it changed. */
final class EditHook implements Hook {
    private final Edit edit;
    private final Sources sources;
    private Changes changes = Changes.NONE;

    EditHook(Edit edit, Sources sources) {
        this.edit = edit;
        this.sources = sources;
    }

    Changes changes() {
        return changes;
    }

    void checkFired(long fired) {
        if (fired == 0) {
            throw new EditException(
                    edit.site(), "never fired: the pass did not reach it. This is a bug in the engine.");
        }
    }

    @Override
    public NDArray apply(NDArray activation, HookPoint point) {
        NDIndex index = index(point, edit.rows(), activation);
        NDArray before = Recording.copy(activation.get(index));
        NDArray after = value(edit.value(), before, point);
        changes = changes.and(Changes.of(before, after));
        activation.set(index, after);
        return activation;
    }

    private NDArray value(Value value, NDArray before, HookPoint point) {
        if (value instanceof Value.Zero) {
            return before.zerosLike();
        }
        if (value instanceof Value.FromRun from) {
            NDArray source = sources.activation(from.run(), edit.site());
            return fitting(source.get(index(point, from.rows(), source)), before);
        }
        if (value instanceof Value.MeanOf mean) {
            NDArray vector = sources.mean(mean.runs(), edit.site());
            return vector.get(index(point, Rows.ALL, vector)).broadcast(before.getShape());
        }
        if (value instanceof Value.RandomMove move) {
            NDArray target = value(move.like(), before, point);
            return new RandomMoves(move.seed()).asFar(before, target, rowAxis(point) == 2);
        }
        if (value instanceof Value.Noise noise) {
            return before.add(gaussian(noise, before));
        }
        return fitting(((Value.Function) value).function().apply(Recording.copy(before)), before);
    }

    private NDArray fitting(NDArray value, NDArray before) {
        if (value == null || !value.getShape().equals(before.getShape())) {
            throw new EditException(
                    edit.site(),
                    "puts " + (value == null ? "nothing" : value.getShape().toString()) + " where " + before.getShape()
                            + " is. Both sides need as many positions and units.");
        }
        return value;
    }

    private static NDArray gaussian(Value.Noise noise, NDArray like) {
        Random random = new Random(noise.seed());
        float[] values = new float[(int) like.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (noise.sigma() * random.nextGaussian());
        }
        return like.getManager().create(values, like.getShape());
    }

    /** Rows and units as an index into [1, position, (head,) unit], or [1, head, query, key] for patterns. */
    private NDIndex index(HookPoint point, Rows rows, NDArray array) {
        boolean pattern = point.kind().axes() == HookKind.Axes.PATTERN;
        int rank = array.getShape().dimension();
        String[] parts = new String[rank];
        java.util.Arrays.fill(parts, ":");
        int rowAxis = rowAxis(point);
        if (!rows.all()) {
            parts[rowAxis] = range(rows.first(), rows.last(), array, rowAxis);
        }
        if (edit.part() instanceof Part.Head head) {
            int headAxis = pattern ? 1 : 2;
            if (rank != 4) {
                throw new EditException(edit.site(), "names head " + head.head() + ", but there are no heads there.");
            }
            parts[headAxis] = range(head.head(), head.head(), array, headAxis);
        } else if (edit.part() instanceof Part.Unit unit) {
            parts[rank - 1] = range(unit.unit(), unit.unit(), array, rank - 1);
        }
        return new NDIndex(String.join(",", parts));
    }

    /** Axis of the positions; queries, for scores and pattern. */
    static int rowAxis(HookPoint point) {
        return point.kind().axes() == HookKind.Axes.PATTERN ? 2 : 1;
    }

    private String range(int first, int last, NDArray array, int axis) {
        long size = array.getShape().get(axis);
        if (last >= size) {
            throw new EditException(
                    edit.site(), "names index " + last + " of an axis that has " + size + ", 0 to " + (size - 1) + ".");
        }
        return first + ":" + (last + 1);
    }
}
