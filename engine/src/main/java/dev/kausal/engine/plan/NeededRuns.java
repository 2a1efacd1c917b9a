package dev.kausal.engine.plan;

import dev.kausal.engine.edits.Edit;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/** The runs that cells need unedited: their bases, sources of patches, references of metrics. */
public final class NeededRuns {
    private final List<Run> all;
    private final BitSet needed = new BitSet();

    /** Creates an empty set of {@code all} runs. */
    public NeededRuns(List<Run> all) {
        this.all = all;
    }

    /** Adds the runs that a cell needs. */
    public void add(PlannedCell cell) {
        add(cell.run());
        PlannedCell.Rebased rebased = cell.rebased();
        if (rebased != null) {
            add(rebased.from());
        }
        for (PlannedEdit edit : cell.edits()) {
            for (int run : edit.edit().replacement().runs()) {
                add(run);
            }
        }
        MetricRequest last = null;
        for (MetricRequest reading : cell.readings()) {
            if (last == null || !reading.metric().equals(last.metric())) {
                reading.metric().reference().ifPresent(this::add);
            }
            last = reading;
        }
    }

    /** Adds the runs of another set of the same runs. */
    public void add(NeededRuns others) {
        needed.or(others.needed);
    }

    /** Adds a run, after which come the runs that its own edits read. */
    private void add(int run) {
        if (!needed.get(run)) {
            needed.set(run);
            for (Edit edit : all.get(run).edits()) {
                for (int read : edit.replacement().runs()) {
                    add(read);
                }
            }
        }
    }

    /** Returns their number. */
    public int count() {
        return needed.cardinality();
    }

    /** Returns their indices, ascending. */
    public List<Integer> indices() {
        List<Integer> indices = new ArrayList<>(count());
        for (int run = needed.nextSetBit(0); run >= 0; run = needed.nextSetBit(run + 1)) {
            indices.add(run);
        }
        return indices;
    }
}
