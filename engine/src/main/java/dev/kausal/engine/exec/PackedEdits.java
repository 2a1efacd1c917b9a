package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.edits.BatchedEdits;
import dev.kausal.engine.edits.Changes;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.edits.SingleEdit;
import dev.kausal.engine.edits.Sources;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.HookPoints;
import dev.kausal.engine.plan.PlannedEdit;
import dev.kausal.engine.rows.AttentionGroup;
import dev.kausal.engine.rows.PackedHooks;
import dev.kausal.engine.rows.RowLayout;
import dev.kausal.engine.tensor.Slices;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes the edits of packed runs at their hook points, measures their changes, and passes results to a recorder. */
final class PackedEdits implements PackedHooks {
    /** Stores base-run activations at the points that cells' edits read. */
    interface Recorder {
        /** Returns whether it records the point. */
        boolean wants(HookPoint point);

        /** Records [row, ...] of a placement; it must copy what it keeps. */
        void rows(HookPoint point, NDArray packed, RowIndex placement);

        /** Records [variant, head, query, key] of one segment. */
        void pattern(HookPoint point, NDArray array, int[] packedRuns);
    }

    /** One edit of one packed run. */
    record PendingEdit(int packedRun, PlannedEdit planned) {}

    private final HookPoints points;
    private final List<PackedRun> packedRuns;
    private @Nullable Recorder recorder;
    private final BatchedEdits batched;
    private final Sources sources;
    private final Map<HookPoint, List<PendingEdit>> pending = new HashMap<>();
    /** Edits by the other point whose activation they read, and what they have read. */
    private final Map<HookPoint, List<PendingEdit>> readers = new HashMap<>();

    private final Map<PendingEdit, NDArray> seen = new HashMap<>();
    private final Changes[] changes;
    private List<RowIndex> placements = List.of();

    PackedEdits(HookPoints points, List<PackedRun> packedRuns, Sources sources, @Nullable Recorder recorder) {
        this.points = points;
        this.packedRuns = packedRuns;
        this.recorder = recorder;
        this.sources = sources;
        this.changes = new Changes[packedRuns.size()];
        Arrays.fill(changes, Changes.NONE);
        this.batched = new BatchedEdits(sources);
        for (int packedRun = 0; packedRun < packedRuns.size(); packedRun++) {
            for (PlannedEdit edit : packedRuns.get(packedRun).edits()) {
                PendingEdit own = new PendingEdit(packedRun, edit);
                pending.computeIfAbsent(edit.point(), point -> new ArrayList<>())
                        .add(own);
                edit.edit()
                        .replacement()
                        .reads()
                        .map(points::named)
                        .ifPresent(point -> readers.computeIfAbsent(point, at -> new ArrayList<>())
                                .add(own));
            }
        }
    }

    /** Returns what each packed run's own edits have changed so far. */
    Changes[] changes() {
        return changes;
    }

    /** Stops recording: whatever passes from now on has been recorded already. */
    void stopRecording() {
        recorder = null;
    }

    /** Sets the placement of the packed runs' rows from now on. */
    void place(RowIndex... now) {
        placements = List.of(now);
    }

    /** Sets the placement of the packed runs' rows and returns its layout. */
    RowLayout placed(RowIndex now) {
        place(now);
        return now.layout();
    }

    @SuppressWarnings("ReferenceEquality") // the layout itself: another may have equal rows
    private RowIndex at(RowLayout layout) {
        for (RowIndex placement : placements) {
            if (placement.layout() == layout) {
                return placement;
            }
        }
        throw new IllegalStateException("rows of an unknown layout reached hooks");
    }

    private @Nullable Recorder recording(HookPoint point) {
        Recorder current = recorder;
        return current != null && current.wants(point) ? current : null;
    }

    @Override
    public boolean waits(HookKind kind, int layer) {
        Optional<HookPoint> point = points.find(kind, layer);
        return point.isPresent()
                && (pending.containsKey(point.get())
                        || readers.containsKey(point.get())
                        || recording(point.get()) != null);
    }

    @Override
    public boolean edits(HookKind kind, int layer) {
        return points.find(kind, layer).filter(pending::containsKey).isPresent();
    }

    @Override
    public NDArray rows(HookKind kind, int layer, NDArray packed, RowLayout layout) {
        if (!waits(kind, layer)) {
            return packed;
        }
        HookPoint point = points.find(kind, layer).orElseThrow();
        NDArray result = packed;
        List<PendingEdit> edits = present(pending.getOrDefault(point, List.of()), at(layout));
        if (!edits.isEmpty()) {
            // A copy keeps the memory order of its source; reshaping it could then copy instead of returning a view.
            result = packed.flatten().duplicate().reshape(packed.getShape());
            for (List<PendingEdit> turn : turns(edits)) {
                make(point, result, turn, at(layout));
            }
        }
        for (PendingEdit reader : present(readers.getOrDefault(point, List.of()), at(layout))) {
            see(reader, result, at(layout));
        }
        Recorder recording = recording(point);
        if (recording != null) {
            recording.rows(point, result, at(layout));
        }
        return result;
    }

    /** Keeps what an edit of a later point of the layer reads, which that edit closes. */
    private void see(PendingEdit reader, NDArray packed, RowIndex placement) {
        int start = placement.start()[reader.packedRun()];
        int count = placement.positions()[reader.packedRun()].length;
        NDArray rows = Slices.of(packed, 0, start, start + count).expandDims(0).duplicate();
        NDScope.unregister(rows);
        NDArray before = seen.put(reader, rows);
        if (before != null) {
            before.close();
        }
    }

    /**
     * Returns the edits to make. A run's own edits are in the base run's rows already, and made again only if rows are
     * recomputed.
     */
    private List<PendingEdit> present(List<PendingEdit> of, RowIndex placement) {
        return of.stream()
                .filter(edit -> {
                    boolean present =
                            placement.row(edit.packedRun(), edit.planned().first()) >= 0;
                    boolean missing = !present && placement.start()[edit.packedRun()] >= 0;
                    if (missing && !edit.planned().inherited()) {
                        throw new IllegalStateException(
                                "the edit at " + edit.planned().point() + " has no packed row");
                    }
                    return present;
                })
                .toList();
    }

    /**
     * Groups edits into turns: edits of one packed run at one point are sequential, those of different packed runs are
     * made together.
     */
    private static List<List<PendingEdit>> turns(List<PendingEdit> edits) {
        List<List<PendingEdit>> turns = new ArrayList<>();
        Map<Integer, Integer> made = new HashMap<>();
        for (PendingEdit edit : edits) {
            int turn = made.merge(edit.packedRun(), 1, Integer::sum) - 1;
            if (turn == turns.size()) {
                turns.add(new ArrayList<>());
            }
            turns.get(turn).add(edit);
        }
        return turns;
    }

    private void make(HookPoint point, NDArray result, List<PendingEdit> turn, RowIndex placement) {
        List<BatchedEdits.Packed> packed =
                turn.stream().map(edit -> packed(point, edit, placement)).toList();
        for (int index : batched.make(result, packed)) {
            PendingEdit edit = turn.get(index);
            int start = placement.start()[edit.packedRun()];
            int[] positions = placement.positions()[edit.packedRun()];
            NDArray rows = Slices.of(result, 0, start, start + positions.length).expandDims(0);
            makeSingle(point, rows, edit, positions);
        }
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // the segment itself: another layout may have an equal one
    public NDArray pattern(HookKind kind, int layer, NDArray array, AttentionGroup segment) {
        HookPoint point = points.find(kind, layer).orElseThrow();
        RowIndex placement = placements.stream()
                .filter(p -> p.layout().segments().stream().anyMatch(other -> other == segment))
                .findFirst()
                .orElseThrow();
        int[] here = actorsOf(placement, segment);
        NDArray result = array;
        for (PendingEdit edit : pending.getOrDefault(point, List.of())) {
            int variant = indexOf(here, edit.packedRun());
            if (variant >= 0 && placement.row(edit.packedRun(), edit.planned().first()) >= 0) {
                result = result == array ? array.duplicate() : result;
                makeSingle(point, Slices.of(result, 0, variant, variant + 1L), edit, segment.positions()[variant]);
            }
        }
        Recorder recording = recording(point);
        if (recording != null) {
            recording.pattern(point, result, here);
        }
        return result;
    }

    /** Makes one edit in place on [1, row, ...] or [1, head, row, key], whose rows are {@code positions}. */
    private void makeSingle(HookPoint point, NDArray array, PendingEdit pending, int[] positions) {
        Edit edit = pending.planned().edit();
        SingleEdit hook = new SingleEdit(shifted(edit, positions), sources);
        Optional<HookPoint> read = edit.replacement().reads().map(points::named);
        try (NDArray own = seen.remove(pending)) {
            if (own != null && read.isPresent()) {
                hook.see(own, read.get());
            }
            hook.apply(array, point);
        }
        record(pending, hook.changes());
    }

    private BatchedEdits.Packed packed(HookPoint point, PendingEdit pending, RowIndex placement) {
        int length = point.reach() == HookKind.Reach.POOLED
                ? 1
                : packedRuns.get(pending.packedRun()).rows().length();
        Edit edit = pending.planned().edit();
        int row = placement.row(pending.packedRun(), edit.rows().first());
        return new BatchedEdits.Packed(edit, row, length, change -> record(pending, change));
    }

    private void record(PendingEdit pending, Changes change) {
        if (!pending.planned().inherited()) {
            changes[pending.packedRun()] = changes[pending.packedRun()].and(change);
        }
    }

    /** Returns the edit in terms of the rows that are present. */
    private static Edit shifted(Edit edit, int[] positions) {
        if (edit.rows().all()) {
            return edit;
        }
        int first = Arrays.binarySearch(positions, edit.rows().first());
        PositionRange rows = new PositionRange(
                first, first + edit.rows().last() - edit.rows().first());
        return edit.at(rows);
    }

    @SuppressWarnings("ReferenceEquality") // the segment itself: two of one layout may be equal
    private static int[] actorsOf(RowIndex placement, AttentionGroup segment) {
        int before = 0;
        for (AttentionGroup other : placement.layout().segments()) {
            if (other == segment) {
                return Arrays.copyOfRange(placement.packedRuns(), before, before + segment.variants());
            }
            before += other.variants();
        }
        throw new IllegalStateException("a segment of an unknown layout reached hooks");
    }

    private static int indexOf(int[] values, int value) {
        for (int i = 0; i < values.length; i++) {
            if (values[i] == value) {
                return i;
            }
        }
        return -1;
    }
}
