package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.DirtyRows;
import dev.kausal.engine.plan.PlannedCell;
import dev.kausal.engine.plan.PlannedEdit;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Computes only rows that can differ from the base run; keys and values of the others are the base's. */
final class KeepDirtyRows implements CellRewrite {
    private final Spread spread;

    KeepDirtyRows(Spread spread) {
        this.spread = spread;
    }

    @Override
    public String name() {
        return "compute dirty rows only";
    }

    @Override
    public String reason() {
        return "a change reaches its own row and, through attention, rows that attend to it; the others equal the base run's";
    }

    @Override
    public UnaryOperator<PlannedCell> of(CompiledPlan plan) {
        Map<Ints, DirtyRows> known = new HashMap<>();
        int layers = plan.sizes().layers();
        int[] lengths = plan.lengths();
        int[][] read = new int[lengths.length][];
        return cell -> {
            int run = cell.run();
            int length = lengths[run];
            if (read[run] == null) {
                read[run] = plan.rowsRead(run);
            }
            Ints key = key(cell, length, read[run]);
            DirtyRows rows = known.get(key);
            if (rows == null) {
                rows = new Dirt(cell, length, layers, read[run]).rows();
                known.put(key, rows);
            }
            return cell.with(rows);
        };
    }

    @Override
    public CompiledPlan marked(CompiledPlan plan) {
        return plan.withSharedBases();
    }

    /** Returns all that rows follow from: the prompt's length, what is read, and where the edits are, not what they write. */
    private static Ints key(PlannedCell cell, int length, int[] read) {
        int[] key = new int[2 + read.length + 3 * cell.edits().size()];
        int next = 0;
        key[next++] = length;
        key[next++] = read.length;
        for (int row : read) {
            key[next++] = row;
        }
        for (PlannedEdit edit : cell.edits()) {
            key[next++] = 2 * edit.point().index() + (edit.inherited() ? 1 : 0);
            key[next++] = edit.edit().rows().first();
            key[next++] = edit.edit().rows().last();
        }
        return new Ints(key);
    }

    /** Follows one cell's changes through the layers. */
    private final class Dirt {
        private final PlannedCell cell;
        private final int length;
        private final int layers;
        private final int[] read;
        private final int[] from;
        private final boolean[] edited;
        private int birth;
        private int @Nullable [] touched;
        private int first;

        Dirt(PlannedCell cell, int length, int layers, int[] read) {
            this.cell = cell;
            this.length = length;
            this.layers = layers;
            this.read = read;
            this.from = new int[layers];
            this.edited = new boolean[layers];
            for (PlannedEdit edit : cell.edits()) {
                if (edit.point().layer() >= 0) {
                    edited[edit.point().layer()] = true;
                }
            }
            this.birth = layers + 1;
            this.first = length;
        }

        DirtyRows rows() {
            int[] embedded = ownRows(-1, HookKind.Reach.STREAM);
            if (embedded.length > 0) {
                birth = -1;
                first = spread.from(withInherited(-1, EnumSet.of(HookKind.Reach.STREAM), embedded)[0]);
            }
            for (int layer = 0; layer < layers; layer++) {
                layer(layer);
            }
            int[] readout = ownRows(-1, HookKind.Reach.READOUT);
            if (ownRows(-1, HookKind.Reach.POOLED).length > 0) {
                // The pooled row is recomputed from all of its inputs.
                readout = DirtyRows.union(readout, read);
            }
            if (birth > layers && readout.length > 0) {
                birth = layers;
            }
            boolean again = birth <= layers && inheritsReadout();
            int[] rows = again
                    ? withInherited(-1, EnumSet.of(HookKind.Reach.READOUT), DirtyRows.union(readout, suffix(first)))
                    : readout;
            return DirtyRows.of(length, birth, touched, from, rows);
        }

        private boolean inheritsReadout() {
            return cell.edits().stream()
                    .anyMatch(edit -> edit.inherited() && edit.point().reach() == HookKind.Reach.READOUT);
        }

        private void layer(int layer) {
            if (!edited[layer]) {
                from[layer] = first;
                return;
            }
            int[] keys = ownRows(layer, HookKind.Reach.ATTENTION);
            int[] rows = DirtyRows.union(keys, ownRows(layer, HookKind.Reach.ROW));
            if (birth > layers && rows.length == 0) {
                from[layer] = length;
                return;
            }
            boolean born = birth > layers;
            birth = Math.min(birth, layer);
            if (born && keys.length == 0) {
                touched = inheritedIn(layer, rows);
                from[layer] = touched[0];
                first = spread.from(touched[0]);
                return;
            }
            int start = rows.length == 0 ? first : Math.min(first, rows[0]);
            first = spread.from(inheritedIn(layer, suffix(start))[0]);
            from[layer] = first;
        }

        private int[] inheritedIn(int layer, int[] rows) {
            return withInherited(layer, EnumSet.of(HookKind.Reach.ATTENTION, HookKind.Reach.ROW), rows);
        }

        /**
         * Adds the rows of the run's own edits that overlap: such an edit is in the base run, but must be made again,
         * on all of its rows, if any of them is recomputed.
         */
        private int[] withInherited(int layer, Set<HookKind.Reach> reaches, int[] rows) {
            int[] all = rows;
            int before;
            do {
                // The rows of one edit may overlap those of another.
                before = all.length;
                for (PlannedEdit edit : cell.edits()) {
                    boolean here = edit.point().layer() == layer
                            && reaches.contains(edit.point().reach());
                    if (edit.inherited() && here) {
                        int[] edited = Spread.rows(edit, length);
                        // If a pattern is replaced, its queries may attend to any row, including later ones.
                        boolean meets = edit.point().kind().attention()
                                ? all.length > 0
                                : IntStream.of(all)
                                        .anyMatch(row -> row >= edited[0] && row <= edited[edited.length - 1]);
                        all = meets ? DirtyRows.union(all, edited) : all;
                    }
                }
            } while (all.length > before);
            return all;
        }

        /**
         * Returns the positions that the cell's own edits of this reach touch in a layer (-1 outside the blocks),
         * ascending.
         */
        private int[] ownRows(int layer, HookKind.Reach reach) {
            int[] rows = {};
            for (PlannedEdit edit : cell.edits()) {
                if (!edit.inherited() && at(edit, layer, reach)) {
                    rows = DirtyRows.union(rows, Spread.rows(edit, length));
                }
            }
            return rows;
        }

        private boolean at(PlannedEdit edit, int layer, HookKind.Reach reach) {
            return edit.point().layer() == layer && edit.point().reach() == reach;
        }

        private int[] suffix(int start) {
            return IntStream.range(start, length).toArray();
        }
    }
}
