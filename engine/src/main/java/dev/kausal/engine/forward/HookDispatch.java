package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.HookPoints;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.rows.AttentionGroup;
import dev.kausal.engine.rows.PackedHooks;
import dev.kausal.engine.rows.RowLayout;
import dev.kausal.engine.tensor.Slices;
import java.util.Optional;

/** Presents packed rows to a user's hooks as [batch, position, ...], one call per segment. */
final class HookDispatch implements PackedHooks {
    private final HookPoints points;
    private final Hooks hooks;

    HookDispatch(HookPoints points, Hooks hooks) {
        this.points = points;
        this.hooks = hooks;
    }

    private Optional<HookPoint> waiting(HookKind kind, int layer) {
        return points.find(kind, layer).filter(hooks::at);
    }

    @Override
    public boolean waits(HookKind kind, int layer) {
        return waiting(kind, layer).isPresent();
    }

    @Override
    public boolean edits(HookKind kind, int layer) {
        return points.find(kind, layer).filter(hooks::editsAt).isPresent();
    }

    @Override
    public NDArray rows(HookKind kind, int layer, NDArray packed, RowLayout layout) {
        Optional<HookPoint> point = waiting(kind, layer);
        if (point.isEmpty()) {
            return packed;
        }
        long[] inner = packed.getShape().slice(1).getShape();
        if (layout.segments().size() == 1) {
            NDArray seen = packed.reshape(shape(layout.segments().get(0), inner));
            NDArray result = hooks.fire(point.get(), seen);
            return result == seen ? packed : result.reshape(packed.getShape());
        }
        NDList parts = new NDList();
        for (AttentionGroup segment : layout.segments()) {
            NDArray rows = Slices.of(packed, 0, segment.start(), segment.start() + segment.rows());
            NDArray result = hooks.fire(point.get(), rows.reshape(shape(segment, inner)));
            parts.add(result.reshape(rows.getShape()));
        }
        return hooks.editsAt(point.get()) ? NDArrays.concat(parts) : packed;
    }

    @Override
    public NDArray pattern(HookKind kind, int layer, NDArray array, AttentionGroup segment) {
        return waiting(kind, layer).map(point -> hooks.fire(point, array)).orElse(array);
    }

    private static Shape shape(AttentionGroup segment, long[] inner) {
        return new Shape(segment.variants(), segment.positions()[0].length).addAll(new Shape(inner));
    }
}
