package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.edits.Changes;
import dev.kausal.engine.forward.Block;
import dev.kausal.engine.forward.Embedding;
import dev.kausal.engine.forward.LayerBatch;
import dev.kausal.engine.forward.OutputHead;
import dev.kausal.engine.forward.Positions;
import dev.kausal.engine.hooks.HookPoints;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.DirtyRows;
import dev.kausal.engine.rows.InputPositions;
import dev.kausal.engine.rows.KeyValues;
import dev.kausal.engine.rows.RowLayout;
import dev.kausal.engine.tensor.Indices;
import dev.kausal.engine.tensor.Scope;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Packed runs passing through the layers together: each joins at the layer of its first change, taking new rows from
 * the base runs' stream; all rows form one matrix per weight.
 *
 * <p>It ends with the stream after the last layer, which it owns until it is closed.
 */
final class Wavefront implements AutoCloseable {
    private final HookedModel model;
    private final List<PackedRun> packedRuns;
    private final BaseRuns base;
    private final boolean recording;
    private final Positions positions;
    private final PackedEdits packedHooks;
    private final Block block;
    private final Embedding embedding;
    private final OutputHead head;
    private final int layers;
    private final int paddedLength;
    private final NDManager manager;
    private @Nullable NDArray stream;
    private @Nullable RowIndex placement;

    /** Creates a wavefront of base runs with all rows; {@code base} records them. */
    static Wavefront ofRuns(HookedModel model, Positions positions, List<PackedRun> packedRuns, BaseRuns base) {
        return new Wavefront(model, positions, packedRuns, base, true);
    }

    /** Creates a wavefront of cells with their dirty rows; {@code base} supplies the rest. */
    static Wavefront ofCells(HookedModel model, Positions positions, List<PackedRun> packedRuns, BaseRuns base) {
        return new Wavefront(model, positions, packedRuns, base, false);
    }

    private Wavefront(
            HookedModel model, Positions positions, List<PackedRun> packedRuns, BaseRuns base, boolean recording) {
        this.model = model;
        this.manager = model.device().manager();
        this.packedRuns = packedRuns;
        this.base = base;
        this.recording = recording;
        this.positions = positions;
        this.layers = model.config().layers();
        // Scores and patterns are hooked as [query, key] of a whole prompt.
        boolean ragged = !recording
                && packedRuns.stream()
                        .flatMap(packedRun -> packedRun.edits().stream())
                        .noneMatch(edit -> edit.point().kind().attention());
        this.paddedLength = ragged ? model.device().tuning().paddedLength() : 0;
        HookPoints points = model.points();
        this.packedHooks = new PackedEdits(points, packedRuns, base, recording ? base : null);
        this.block = new Block(model.transformer(), positions, packedHooks, recording ? base : new BaseKeyValues(base));
        this.embedding = new Embedding(model.transformer(), packedHooks);
        this.head = new OutputHead(model.transformer(), packedHooks);
    }

    /** Base runs as a read-only source of keys and values. */
    private record BaseKeyValues(BaseRuns base) implements KeyValues {
        @Override
        public void keep(int layer, NDArray keys, NDArray values, RowLayout layout) {}

        @Override
        public NDArray keys(int layer, int run) {
            return base.keys(layer, run);
        }

        @Override
        public NDArray values(int layer, int run) {
            return base.values(layer, run);
        }
    }

    /**
     * Passes all layers.
     *
     * @param done receives the number of finished layers
     */
    void run(IntConsumer done) {
        try (Scope scope = model.device().scope()) {
            NDManager local = scope.manager();
            embed(local);
            LayerBatch rows = null;
            for (int layer = 0; layer < layers; layer++) {
                int now = layer;
                RowIndex entering = RowIndex.of(
                        packedRuns,
                        packedRun -> rows(packedRun).in(now) ? rows(packedRun).keys(now) : null,
                        packedRun -> rows(packedRun).ownFrom(now),
                        packedRun -> rows(packedRun).queries(now),
                        paddedLength);
                if (entering.layout().rows() > 0) {
                    rows = layer(layer, entering, rows, local);
                }
                done.accept(layer + 1);
            }
        }
    }

    private DirtyRows rows(int packedRun) {
        return packedRuns.get(packedRun).rows();
    }

    private void embed(NDManager local) {
        RowIndex born = RowIndex.of(
                packedRuns,
                packedRun -> rows(packedRun).birth() < 0 ? rows(packedRun).keys(0) : null,
                packedRun -> rows(packedRun).ownFrom(0),
                packedRun -> rows(packedRun).keys(0),
                paddedLength);
        if (born.layout().rows() == 0) {
            return;
        }
        List<InputPositions> inputs = Arrays.stream(born.packedRuns())
                .mapToObj(packedRun ->
                        new InputPositions(packedRuns.get(packedRun).source().input(), born.positions()[packedRun]))
                .toList();
        packedHooks.place(born);
        if (recording) {
            base.expect(born, packedRuns);
        }
        replaceStream(embedding.of(inputs, born.layout(), local), born);
    }

    private NDArray replaceStream(NDArray next, RowIndex where) {
        NDScope.unregister(next);
        next.attach(manager);
        if (stream != null && stream != next) {
            stream.close();
        }
        stream = next;
        placement = where;
        return next;
    }

    private LayerBatch layer(int layer, RowIndex entering, @Nullable LayerBatch before, NDManager local) {
        boolean last = layer == layers - 1;
        RowIndex going = last ? entering.narrowed(packedRun -> rows(packedRun).queries(layer)) : entering;
        boolean narrows = going.layout().rows() < entering.layout().rows();
        NDArray now = stream;
        RowIndex held = placement;
        boolean same = now != null && held != null && held.sameRows(entering);
        LayerBatch rows;
        if (narrows) {
            rows = LayerBatch.narrowing(entering.layout(), going.layout(), kept(entering, going), positions, local);
        } else if (!same || held == null || before == null) {
            going = entering;
            rows = LayerBatch.of(entering.layout(), positions, local);
        } else {
            rows = before;
            entering = held;
            going = held;
        }
        NDArray enters = replaceStream(
                same && now != null ? now : entering.gathered(packedRuns, now, held, base, base.stream(layer), local),
                entering);
        if (recording) {
            base.stream(layer, enters);
        }
        packedHooks.place(entering, going);
        NDArray leaves = replaceStream(block.run(layer, enters, rows), going);
        if (recording && last) {
            base.stream(layers, leaves);
        }
        return rows;
    }

    private int[] kept(RowIndex entering, RowIndex going) {
        Indices kept = new Indices();
        for (int packedRun : going.packedRuns()) {
            for (int position : going.positions()[packedRun]) {
                kept.add(entering.row(packedRun, position));
            }
        }
        return kept.ints();
    }

    /** Passes what follows the last layer to the recorder, once. */
    void recordEnds() {
        if (base.wantsEnds()) {
            readout().everyRow();
        }
        packedHooks.stopRecording();
    }

    /** Returns the readout of the packed runs' metrics from the stream after the last layer. */
    MetricReadout readout() {
        return new MetricReadout(model.transformer(), packedRuns, packedHooks, head, base, stream, placement);
    }

    /** Returns the largest change by each packed run's own edits. */
    Changes[] changes() {
        return packedHooks.changes();
    }

    @Override
    public void close() {
        manager.close();
    }
}
