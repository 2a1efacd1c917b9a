package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.plan.MetricRequest;
import dev.kausal.engine.plan.PlannedCell;
import dev.kausal.engine.plan.PlannedCells;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The distinct ones of other cells, each with the readings of all that equal it. */
final class MergedCells extends PlannedCells {
    private final PlannedCells cells;
    /** By distinct cell, the first that equals it. */
    private final int[] firsts;
    /** By cell, the next that equals it; -1 after the last. */
    private final int[] nexts;

    private MergedCells(PlannedCells cells, int[] firsts, int[] nexts) {
        this.cells = cells;
        this.firsts = firsts;
        this.nexts = nexts;
    }

    /**
     * Returns the distinct cells.
     *
     * @param cells all cells
     * @param places of each cell, the number of the distinct one that equals it, in the order of first occurrence
     */
    static MergedCells of(PlannedCells cells, int[] places) {
        int[] firsts = new int[places.length];
        int[] lasts = new int[places.length];
        int[] nexts = new int[places.length];
        Arrays.fill(nexts, -1);
        int distinct = 0;
        for (int cell = 0; cell < places.length; cell++) {
            int place = places[cell];
            if (place == distinct) {
                firsts[distinct++] = cell;
            } else {
                nexts[lasts[place]] = cell;
            }
            lasts[place] = cell;
        }
        return new MergedCells(cells, Arrays.copyOf(firsts, distinct), nexts);
    }

    @Override
    public PlannedCell get(int index) {
        int first = firsts[index];
        PlannedCell cell = cells.get(first);
        return nexts[first] < 0 ? cell : cell.reading(readings(index));
    }

    @Override
    public List<MetricRequest> readings(int index) {
        int first = firsts[index];
        if (nexts[first] < 0) {
            return cells.readings(first);
        }
        List<MetricRequest> readings = new ArrayList<>();
        for (int cell = first; cell >= 0; cell = nexts[cell]) {
            readings.addAll(cells.readings(cell));
        }
        return readings;
    }

    @Override
    public int size() {
        return firsts.length;
    }
}
