package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.HookPoints;
import dev.kausal.engine.hooks.Hooks;
import java.util.Optional;

/** Shows packed rows to hooks as [batch, position, ...], one call per {@link TokenBatch.Segment}. */
final class HookDispatch {
    private final HookPoints points;
    private final Hooks hooks;
    private TokenBatch batch;

    HookDispatch(HookPoints points, Hooks hooks) {
        this.points = points;
        this.hooks = hooks;
    }

    void start(TokenBatch batch) {
        this.batch = batch;
    }

    /** Whether hooks wait at a point outside the blocks. */
    boolean any(HookKind kind) {
        return waiting(kind, -1).isPresent();
    }

    /** Whether hooks wait at a point of a block. */
    boolean any(HookKind kind, int layer) {
        return waiting(kind, layer).isPresent();
    }

    private Optional<HookPoint> waiting(HookKind kind, int layer) {
        return points.find(kind, layer).filter(hooks::at);
    }

    /** Fires a point whose packed array is [rows, ...]; returns what the hooks made of it, packed. */
    NDArray rows(HookKind kind, int layer, NDArray packed) {
        Optional<HookPoint> point = waiting(kind, layer);
        if (point.isEmpty()) {
            return packed;
        }
        long[] inner = packed.getShape().slice(1).getShape();
        if (batch.segments().size() == 1) {
            NDArray seen = packed.reshape(shape(batch.segments().get(0), inner));
            NDArray result = hooks.fire(point.get(), seen);
            return result == seen ? packed : result.reshape(packed.getShape());
        }
        NDList parts = new NDList();
        for (TokenBatch.Segment segment : batch.segments()) {
            NDArray rows = packed.get(segment.start() + ":" + (segment.start() + segment.rows()));
            NDArray result = hooks.fire(point.get(), rows.reshape(shape(segment, inner)));
            parts.add(result.reshape(rows.getShape()));
        }
        return NDArrays.concat(parts);
    }

    /** Fires a point of one segment whose array is [batch, head, query, key] already. */
    NDArray segment(HookKind kind, int layer, NDArray array) {
        return waiting(kind, layer).map(point -> hooks.fire(point, array)).orElse(array);
    }

    private static Shape shape(TokenBatch.Segment segment, long[] inner) {
        return new Shape(segment.batch(), segment.length()).addAll(new Shape(inner));
    }
}
