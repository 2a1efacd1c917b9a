package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.plan.Edit;
import dev.kausal.engine.plan.Part;
import dev.kausal.engine.plan.Rows;
import dev.kausal.engine.plan.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Edits that put known values in place, made for all actors of a point at once. */
final class Overwrites {
    private final Sources sources;
    private final Changes[] changes;

    Overwrites(Sources sources, Changes[] changes) {
        this.sources = sources;
        this.changes = changes;
    }

    /** What can be made together: values from one table, into units of one size. */
    private record Kind(Object table, Class<?> part) {}

    /** Target and source indices of one kind, and the actors that they belong to. */
    private static final class Batch {
        private final Indices targets = new Indices();
        private final Indices sources = new Indices();
        private final List<WaveTaps.Wanted> owners = new ArrayList<>();
        private final Indices sizes = new Indices();
    }

    /**
     * Makes edits in place.
     *
     * @param result [row, ...] of {@code placement}
     * @return the edits that must be made one by one: functions, noise, and those that do not fit
     */
    List<WaveTaps.Wanted> make(
            HookPoint point, NDArray result, List<WaveTaps.Wanted> edits, Placement placement, List<Actor> actors) {
        List<WaveTaps.Wanted> single = new ArrayList<>();
        Map<Kind, Batch> batches = new LinkedHashMap<>();
        Units units = Units.of(result);
        for (WaveTaps.Wanted wanted : edits) {
            Edit edit = wanted.planned().edit();
            int length = point.reach() == HookKind.Reach.POOLED
                    ? 1
                    : actors.get(wanted.actor()).rows().length();
            if (!units.fit(edit.part()) || !fits(edit, length)) {
                single.add(wanted);
            } else {
                Batch batch = batches.computeIfAbsent(kind(edit), kind -> new Batch());
                fill(batch, wanted, placement, length, units);
            }
        }
        batches.forEach((kind, batch) -> write(point, result, kind, batch, units));
        return single;
    }

    private Kind kind(Edit edit) {
        Value value = edit.value();
        Object table = value instanceof Value.FromRun from ? Integer.valueOf(from.run()) : value;
        return new Kind(table, edit.part().getClass());
    }

    /** Whether the edit's shape is right; where it is not, the one-by-one way has the words for it. */
    private boolean fits(Edit edit, int length) {
        Rows rows = edit.rows();
        if (!rows.all() && rows.last() >= length) {
            return false;
        }
        if (edit.value() instanceof Value.FromRun from) {
            long there = sources.activation(from.run(), edit.site()).getShape().get(1);
            boolean inside = from.rows().all() || from.rows().last() < there;
            return inside && from.rows().count((int) there) == rows.count(length);
        }
        return edit.value() instanceof Value.Zero || edit.value() instanceof Value.MeanOf;
    }

    private void fill(Batch batch, WaveTaps.Wanted wanted, Placement placement, int length, Units units) {
        Edit edit = wanted.planned().edit();
        int count = edit.rows().count(length);
        int row = placement.row(wanted.actor(), edit.rows().first());
        int source = edit.value() instanceof Value.FromRun from ? from.rows().first() : 0;
        int step = edit.value() instanceof Value.FromRun ? 1 : 0;
        int before = batch.targets.size();
        for (int i = 0; i < count; i++) {
            units.add(batch.targets, row + i, edit.part());
            units.add(batch.sources, source + i * step, edit.part());
        }
        batch.owners.add(wanted);
        batch.sizes.add(batch.targets.size() - before);
    }

    private void write(HookPoint point, NDArray result, Kind kind, Batch batch, Units units) {
        NDManager local = result.getManager();
        NDArray view = units.view(result, kind.part());
        NDIndex targets = new NDIndex("{}", local.create(batch.targets.longs()));
        NDArray before = view.get(targets);
        NDArray after = before.zerosLike();
        if (!(kind.table() instanceof Value.Zero)) {
            NDArray table = kind.table() instanceof Value.MeanOf mean
                    ? sources.mean(mean.runs(), point.name())
                    : sources.activation((Integer) kind.table(), point.name());
            after = units.view(table.squeeze(0), kind.part())
                    .get(new NDIndex("{}", local.create(batch.sources.longs())));
        }
        measure(before, after, batch);
        view.set(targets, after);
    }

    private void measure(NDArray before, NDArray after, Batch batch) {
        Changes[] found = Changes.byRow(before, after);
        int next = 0;
        for (int i = 0; i < batch.owners.size(); i++) {
            WaveTaps.Wanted owner = batch.owners.get(i);
            for (int end = next + batch.sizes.get(i); next < end; next++) {
                if (!owner.planned().inherited()) {
                    changes[owner.actor()] = changes[owner.actor()].and(found[next]);
                }
            }
        }
    }

    /** Rows of [row, ..., unit] as items of equal size, by the part that an edit names. */
    private record Units(int heads, int width, int rank) {
        static Units of(NDArray packed) {
            int rank = packed.getShape().dimension();
            int width = (int) packed.getShape().get(rank - 1);
            return new Units(rank == 3 ? (int) packed.getShape().get(1) : 1, width, rank);
        }

        boolean fit(Part part) {
            if (part instanceof Part.Head head) {
                return rank == 3 && head.head() < heads;
            }
            return !(part instanceof Part.Unit unit) || unit.unit() < width;
        }

        NDArray view(NDArray packed, Class<?> part) {
            long rows = packed.getShape().get(0);
            if (part == Part.All.class) {
                return packed.reshape(rows, (long) heads * width);
            }
            return part == Part.Head.class
                    ? packed.reshape(rows * heads, width)
                    : packed.reshape(rows * heads * width, 1);
        }

        void add(Indices indices, int row, Part part) {
            if (part instanceof Part.All) {
                indices.add(row);
            } else if (part instanceof Part.Head head) {
                indices.add(row * heads + head.head());
            } else {
                for (int head = 0; head < heads; head++) {
                    indices.add((row * heads + head) * width + ((Part.Unit) part).unit());
                }
            }
        }
    }
}
