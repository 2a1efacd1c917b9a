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
import dev.kausal.engine.tensor.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Actors going through the layers together: at each layer those born there join, with the base runs' stream in the rows
 * that are new, and all rows are one matrix for each weight.
 *
 * <p>It ends with the stream after the last layer, which it owns until it is closed.
 */
final class Wavefront implements AutoCloseable {
    private final HookedModel model;
    private final List<PackedRun> actors;
    private final BaseRuns base;
    private final boolean recording;
    private final Positions positions;
    private final PackedEdits taps;
    private final Block block;
    private final Embedding embedding;
    private final OutputHead head;
    private final int layers;
    private final boolean ragged;
    private final NDManager manager = Torch.manager();
    private NDArray stream;
    private RowIndex placement;

    /** Base runs, all rows; {@code base} keeps what passes. */
    static Wavefront ofRuns(HookedModel model, Positions positions, List<PackedRun> actors, BaseRuns base) {
        return new Wavefront(model, positions, actors, base, true);
    }

    /** Cells, dirty rows; {@code base} lends the rest. */
    static Wavefront ofCells(HookedModel model, Positions positions, List<PackedRun> actors, BaseRuns base) {
        return new Wavefront(model, positions, actors, base, false);
    }

    private Wavefront(
            HookedModel model, Positions positions, List<PackedRun> actors, BaseRuns base, boolean recording) {
        this.model = model;
        this.actors = actors;
        this.base = base;
        this.recording = recording;
        this.positions = positions;
        this.layers = model.config().layers();
        // Scores and patterns are shown and edited as [query, key] of a whole prompt.
        this.ragged = !recording
                && actors.stream()
                        .flatMap(actor -> actor.edits().stream())
                        .noneMatch(edit -> edit.point().kind().attention());
        HookPoints points = model.points();
        this.taps = new PackedEdits(points, actors, base, recording ? base : null);
        this.block = new Block(model.transformer(), positions, taps, recording ? base : new Lending(base));
        this.embedding = new Embedding(model.transformer(), taps);
        this.head = new OutputHead(model.transformer(), taps);
    }

    /** Base runs that lend and keep nothing more. */
    private record Lending(BaseRuns base) implements KeyValues {
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
     * Goes through all layers.
     *
     * @param done told how many layers are behind
     */
    void run(IntConsumer done) {
        try (Scope scope = Torch.scope()) {
            NDManager local = scope.manager();
            embed(local);
            LayerBatch rows = null;
            for (int layer = 0; layer < layers; layer++) {
                int now = layer;
                RowIndex entering = RowIndex.of(
                        actors,
                        actor -> rows(actor).in(now) ? rows(actor).keys(now) : null,
                        actor -> rows(actor).ownFrom(now),
                        actor -> rows(actor).queries(now),
                        ragged);
                if (entering.layout().rows() > 0) {
                    rows = layer(layer, entering, rows, local);
                }
                done.accept(layer + 1);
            }
        }
    }

    private DirtyRows rows(int actor) {
        return actors.get(actor).rows();
    }

    private void embed(NDManager local) {
        RowIndex born = RowIndex.of(
                actors,
                actor -> rows(actor).birth() < 0 ? rows(actor).keys(0) : null,
                actor -> rows(actor).ownFrom(0),
                actor -> rows(actor).keys(0),
                ragged);
        if (born.layout().rows() == 0) {
            return;
        }
        List<InputPositions> inputs = Arrays.stream(born.actors())
                .mapToObj(actor -> new InputPositions(actors.get(actor).source().input(), born.positions()[actor]))
                .toList();
        taps.place(born);
        if (recording) {
            base.expect(born, actors);
        }
        become(embedding.of(inputs, born.layout(), local), born);
    }

    private void become(NDArray next, RowIndex where) {
        NDScope.unregister(next);
        next.attach(manager);
        if (stream != null && stream != next) {
            stream.close();
        }
        stream = next;
        placement = where;
    }

    private LayerBatch layer(int layer, RowIndex entering, LayerBatch before, NDManager local) {
        boolean last = layer == layers - 1;
        RowIndex going = last ? entering.narrowed(actor -> rows(actor).queries(layer)) : entering;
        boolean narrows = going.layout().rows() < entering.layout().rows();
        boolean same = placement != null && placement.sameRows(entering);
        LayerBatch rows = before;
        if (narrows) {
            rows = LayerBatch.narrowing(entering.layout(), going.layout(), kept(entering, going), positions, local);
        } else if (!same || before == null) {
            going = entering;
            rows = LayerBatch.of(entering.layout(), positions, local);
        } else {
            entering = placement;
            going = placement;
        }
        become(same ? stream : entering.gathered(actors, stream, placement, base, base.lent(layer), local), entering);
        if (recording) {
            base.stream(layer, stream);
        }
        taps.place(entering, going);
        become(block.run(layer, stream, rows), going);
        if (recording && last) {
            base.stream(layers, stream);
        }
        return rows;
    }

    private int[] kept(RowIndex entering, RowIndex going) {
        Indices kept = new Indices();
        for (int actor : going.actors()) {
            for (int position : going.positions()[actor]) {
                kept.add(entering.row(actor, position));
            }
        }
        return kept.ints();
    }

    /** Lets the recorder see what passes after the last layer, once. */
    void recordEnds() {
        if (base.wantsEnds()) {
            readout().everyRow();
        }
        taps.stopRecording();
    }

    /** Reads the actors' numbers off the stream after the last layer. */
    MetricReadout readout() {
        return new MetricReadout(model.config(), actors, taps, head, base, stream, placement);
    }

    /** Largest change that each actor's own edits made. */
    Changes[] changes() {
        return taps.changes();
    }

    @Override
    public void close() {
        manager.close();
    }
}
