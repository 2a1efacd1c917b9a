package dev.kausal.engine.edits;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.kausal.engine.tensor.Indices;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Edits whose values come from a {@link Table}, made for all cells of a point at once. */
public final class BatchedEdits {
    private final Sources sources;

    /** Creates edits that read {@code sources}. */
    public BatchedEdits(Sources sources) {
        this.sources = sources;
    }

    /**
     * An edit of packed rows.
     *
     * @param edit with positions of its own sequence
     * @param row packed row of its first position; the others follow
     * @param length number of positions of the sequence
     * @param changed receives how much each row changed
     */
    public record Packed(Edit edit, int row, int length, Consumer<Changes> changed) {}

    /** Edits that can be made together: values from one table, into items of one size. */
    private record Kind(Replacement table, int itemSize) {}

    /** Target and source indices of one kind, with their edits. */
    private static final class Batch {
        private final Table table;
        private final Indices targets = new Indices();
        private final Indices sources = new Indices();
        private final List<Consumer<Changes>> owners = new ArrayList<>();
        private final Indices sizes = new Indices();

        Batch(Table table) {
            this.table = table;
        }
    }

    /**
     * Makes edits in place.
     *
     * @param result packed rows [row, ...]
     * @param edits at most one per row and unit
     * @return indices of edits that must be made one by one: those without a table, and those that do not fit
     */
    public List<Integer> make(NDArray result, List<Packed> edits) {
        List<Integer> single = new ArrayList<>();
        Map<Kind, Batch> batches = new LinkedHashMap<>();
        Units units = Units.of(result);
        for (int i = 0; i < edits.size(); i++) {
            Packed packed = edits.get(i);
            Optional<Table> table = units.fit(packed.edit().part()) ? table(packed) : Optional.empty();
            if (table.isEmpty()) {
                single.add(i);
            } else {
                Kind kind =
                        new Kind(table.get().key(), units.itemSize(packed.edit().part()));
                fill(batches.computeIfAbsent(kind, key -> new Batch(table.get())), packed, table.get(), units);
            }
        }
        batches.forEach((kind, batch) -> write(result, kind.itemSize(), batch));
        return single;
    }

    /** Returns the edit's table; empty if it has none or does not fit, which the one-by-one path reports. */
    private Optional<Table> table(Packed packed) {
        Edit edit = packed.edit();
        boolean inside = edit.rows().all() || edit.rows().last() < packed.length();
        return inside
                ? edit.replacement().table(edit.site(), edit.rows().count(packed.length()), sources)
                : Optional.empty();
    }

    private static void fill(Batch batch, Packed packed, Table table, Units units) {
        Edit edit = packed.edit();
        int count = edit.rows().count(packed.length());
        int before = batch.targets.size();
        for (int i = 0; i < count; i++) {
            units.add(batch.targets, packed.row() + i, edit.part());
            units.add(batch.sources, table.first() + i * table.step(), edit.part());
        }
        batch.owners.add(packed.changed());
        batch.sizes.add(batch.targets.size() - before);
    }

    private static void write(NDArray result, int itemSize, Batch batch) {
        NDManager local = result.getManager();
        NDArray view = items(result, itemSize);
        NDIndex targets = new NDIndex("{}", local.create(batch.targets.longs()));
        NDArray before = view.get(targets);
        NDArray after = batch.table.rows(
                before, rows -> items(rows, itemSize).get(new NDIndex("{}", local.create(batch.sources.longs()))));
        measure(before, after, batch);
        view.set(targets, after);
    }

    private static void measure(NDArray before, NDArray after, Batch batch) {
        Changes[] found = Changes.byRow(before, after);
        int next = 0;
        for (int i = 0; i < batch.owners.size(); i++) {
            for (int end = next + batch.sizes.get(i); next < end; next++) {
                batch.owners.get(i).accept(found[next]);
            }
        }
    }

    /** Views packed rows as items [item, unit]. */
    private static NDArray items(NDArray packed, int itemSize) {
        return packed.reshape(packed.size() / itemSize, itemSize);
    }

    /** Axes of a packed row: [unit], or [head, unit]. */
    private record Units(int heads, int width, boolean byHead) {
        static Units of(NDArray packed) {
            int rank = packed.getShape().dimension();
            int width = (int) packed.getShape().get(rank - 1);
            boolean byHead = rank == 3;
            return new Units(byHead ? (int) packed.getShape().get(1) : 1, width, byHead);
        }

        boolean fit(Part part) {
            return part.fits(heads, width, byHead);
        }

        int itemSize(Part part) {
            return part.itemSize(heads, width);
        }

        void add(Indices items, int row, Part part) {
            part.addItems(items, row, heads, width);
        }
    }
}
