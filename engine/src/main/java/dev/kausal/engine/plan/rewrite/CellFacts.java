package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.plan.Company;
import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.DirtyRows;
import dev.kausal.engine.plan.MetricRequest;
import dev.kausal.engine.plan.NeededRuns;
import dev.kausal.engine.plan.PlannedCell;
import dev.kausal.engine.plan.PlannedEdit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What determines how the cells of a plan are grouped: a few numbers of each, and what the cells of each run read. */
final class CellFacts {
    private final CompiledPlan plan;
    private final @Nullable Reads[] ofRun;
    private int[] runs = new int[16];
    private Company[] companies = new Company[16];
    private DirtyRows[] rows = new DirtyRows[16];
    private int size;
    private boolean callScript;
    private long largest;

    /** Runs and points that some cells read. */
    static final class Reads {
        final NeededRuns runs;
        private final BitSet seen = new BitSet();
        private final List<HookPoint> sites = new ArrayList<>();

        Reads(CompiledPlan plan) {
            this.runs = new NeededRuns(plan.runs());
        }

        void add(PlannedCell cell) {
            runs.add(cell);
            for (PlannedEdit edit : cell.edits()) {
                for (HookPoint point : edit.edit().replacement().points(edit.point())) {
                    add(point);
                }
            }
        }

        void add(Reads others) {
            runs.add(others.runs);
            others.sites.forEach(this::add);
        }

        private void add(HookPoint point) {
            if (!seen.get(point.index())) {
                seen.set(point.index());
                sites.add(point);
            }
        }

        List<HookPoint> sites() {
            return sites;
        }
    }

    CellFacts(CompiledPlan plan) {
        this.plan = plan;
        this.ofRun = new Reads[plan.runs().size()];
    }

    void add(PlannedCell cell) {
        if (size == runs.length) {
            runs = Arrays.copyOf(runs, 2 * size);
            companies = Arrays.copyOf(companies, 2 * size);
            rows = Arrays.copyOf(rows, 2 * size);
        }
        runs[size] = cell.run();
        companies[size] = Company.of(cell.edits());
        rows[size] = cell.rows();
        size++;
        largest = Math.max(largest, plan.rowBytes(cell.rows()));
        callScript |= cell.editsByScript() || readsByScript(cell);
        Reads reads = ofRun[cell.run()];
        if (reads == null) {
            reads = new Reads(plan);
            ofRun[cell.run()] = reads;
        }
        reads.add(cell);
    }

    private static boolean readsByScript(PlannedCell cell) {
        for (MetricRequest reading : cell.readings()) {
            if (reading.metric().callsScript()) {
                return true;
            }
        }
        return false;
    }

    int size() {
        return size;
    }

    int run(int cell) {
        return runs[cell];
    }

    Company company(int cell) {
        return companies[cell];
    }

    DirtyRows rows(int cell) {
        return rows[cell];
    }

    DirtyRows[] rows() {
        return Arrays.copyOf(rows, size);
    }

    /** Returns whether a cell calls a function of the script. */
    boolean callScript() {
        return callScript;
    }

    /** Returns the bytes of the largest layer of any cell's rows. */
    long largest() {
        return largest;
    }

    /** Returns what the cells of a run read; null if it has no cells. */
    @Nullable
    Reads ofRun(int run) {
        return ofRun[run];
    }
}
