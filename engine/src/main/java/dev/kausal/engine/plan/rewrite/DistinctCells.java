package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.plan.PlannedCell;
import dev.kausal.engine.plan.PlannedEdit;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.IntFunction;

/** Numbers cells by what is computed: equal ones alike, in the order of their first occurrence. Holds no cell. */
final class DistinctCells {
    private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

    private final IntFunction<PlannedCell> cells;
    private int[] places = new int[16];
    private int size;
    private int[] firsts = new int[16];
    private long[] hashes = new long[16];
    private int distinct;
    /** By hash, the number of a distinct cell plus 1; a power of two, at least twice their number. */
    private int[] table = new int[64];

    private final BitSet byScript = new BitSet();
    private final BitSet unedited = new BitSet();

    /** Creates an empty numbering; {@code cells} returns a cell that was added, by index. */
    DistinctCells(IntFunction<PlannedCell> cells) {
        this.cells = cells;
    }

    /** Adds the next cell. */
    void add(PlannedCell cell) {
        long hash = hash(cell);
        int found = cell.editsByScript() ? -1 : find(cell, hash);
        if (size == places.length) {
            places = Arrays.copyOf(places, 2 * size);
        }
        places[size] = found < 0 ? entered(cell, hash) : found;
        size++;
    }

    /** Returns whether no two cells are equal. */
    boolean all() {
        return distinct == size;
    }

    /** Returns of each cell the number of the distinct one that equals it. */
    int[] places() {
        return Arrays.copyOf(places, size);
    }

    private int find(PlannedCell cell, long hash) {
        int mask = table.length - 1;
        for (int at = slot(hash, mask); table[at] != 0; at = (at + 1) & mask) {
            int other = table[at] - 1;
            if (hashes[other] == hash && !byScript.get(other) && equal(cell, other)) {
                return other;
            }
        }
        return -1;
    }

    /** Returns whether a cell is the same computation as a distinct one with the same hash, which is made again. */
    private boolean equal(PlannedCell cell, int number) {
        if (isUnedited(cell) || unedited.get(number)) {
            // Hashes of unedited cells are equal only if their runs are.
            return isUnedited(cell) && unedited.get(number);
        }
        PlannedCell other = cells.apply(firsts[number]);
        boolean rebased = cell.rebased() == null
                ? other.rebased() == null
                : cell.rebased().equals(other.rebased());
        return rebased && cell.run() == other.run() && cell.edits().equals(other.edits());
    }

    private static boolean isUnedited(PlannedCell cell) {
        return cell.edits().isEmpty() && cell.rebased() == null;
    }

    private int entered(PlannedCell cell, long hash) {
        if (distinct == firsts.length) {
            firsts = Arrays.copyOf(firsts, 2 * distinct);
            hashes = Arrays.copyOf(hashes, 2 * distinct);
        }
        firsts[distinct] = size;
        hashes[distinct] = hash;
        byScript.set(distinct, cell.editsByScript());
        unedited.set(distinct, isUnedited(cell));
        distinct++;
        if (2 * distinct > table.length) {
            table = new int[2 * table.length];
            for (int number = 0; number < distinct; number++) {
                insert(number);
            }
        } else {
            insert(distinct - 1);
        }
        return distinct - 1;
    }

    private void insert(int number) {
        int mask = table.length - 1;
        int at = slot(hashes[number], mask);
        while (table[at] != 0) {
            at = (at + 1) & mask;
        }
        table[at] = number + 1;
    }

    private static int slot(long hash, int mask) {
        return (int) (hash >>> 32) & mask;
    }

    private static long hash(PlannedCell cell) {
        long hash = mixed(1, cell.run());
        PlannedCell.Rebased rebased = cell.rebased();
        if (rebased != null) {
            hash = mixed(mixed(hash, rebased.from()), rebased.layer());
        }
        for (PlannedEdit edit : cell.edits()) {
            hash = mixed(hash, edit.point().index());
            hash = mixed(hash, edit.edit().rows().first());
            hash = mixed(hash, edit.edit().rows().last());
            hash = mixed(hash, edit.edit().part().hashCode());
            hash = mixed(hash, edit.edit().replacement().hashCode());
        }
        return hash;
    }

    private static long mixed(long hash, int next) {
        long mixed = (hash ^ next) * MULTIPLIER;
        return mixed ^ (mixed >>> 29);
    }
}
