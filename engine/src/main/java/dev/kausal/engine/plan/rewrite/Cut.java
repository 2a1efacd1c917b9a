package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.plan.Company;
import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.Groups;
import dev.kausal.engine.tensor.Indices;
import dev.kausal.engine.tensor.Tuning;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Cuts the cells of one plan into batches, and these into groups. */
final class Cut {
    private final CompiledPlan plan;
    private final CellFacts facts;
    private final long baseBudget;
    private final long rowBudget;
    private final int lanes;
    private final Tuning tuning;
    private final List<CompiledPlan.Batch> batches = new ArrayList<>();
    private CellFacts.Reads reads;
    private Indices cells = new Indices();

    Cut(CompiledPlan plan, CellFacts facts, long budget, int lanes, Tuning tuning) {
        this.plan = plan;
        this.facts = facts;
        this.baseBudget = budget / 2;
        this.rowBudget = budget / 2 / lanes;
        this.lanes = lanes;
        this.tuning = tuning;
        this.reads = new CellFacts.Reads(plan);
    }

    List<CompiledPlan.Batch> batches() {
        int[] starts = new int[plan.runs().size() + 1];
        for (int cell = 0; cell < facts.size(); cell++) {
            starts[facts.run(cell) + 1]++;
        }
        for (int run = 1; run < starts.length; run++) {
            starts[run] += starts[run - 1];
        }
        int[] byRun = new int[facts.size()];
        int[] next = starts.clone();
        for (int cell = 0; cell < facts.size(); cell++) {
            byRun[next[facts.run(cell)]++] = cell;
        }
        for (int run = 0; run < starts.length - 1; run++) {
            CellFacts.Reads ofRun = facts.ofRun(run);
            if (ofRun != null) {
                add(Arrays.copyOfRange(byRun, starts[run], starts[run + 1]), ofRun);
            }
        }
        close();
        return batches;
    }

    /** Adds cells of one run to the open batch or to a new one; splits them if they would hold too many runs. */
    private void add(int[] ofRun, CellFacts.Reads read) {
        CellFacts.Reads all = new CellFacts.Reads(plan);
        all.add(reads);
        all.add(read);
        if (bytes(all) > baseBudget) {
            close();
            int[] half = Arrays.copyOf(ofRun, ofRun.length / 2);
            if (bytes(read) > baseBudget && half.length > 0) {
                CellFacts.Reads ofHalf = of(half);
                // Cells that read edited runs of their own need fewer runs each than together.
                if (ofHalf.runs.count() < read.runs.count()) {
                    add(half, ofHalf);
                    int[] rest = Arrays.copyOfRange(ofRun, half.length, ofRun.length);
                    add(rest, of(rest));
                    return;
                }
            }
            all = read;
        }
        reads = all;
        for (int cell : ofRun) {
            cells.add(cell);
        }
    }

    private CellFacts.Reads of(int[] some) {
        CellFacts.Reads of = new CellFacts.Reads(plan);
        for (int cell : some) {
            of.add(plan.cells().get(cell));
        }
        return of;
    }

    private long bytes(CellFacts.Reads of) {
        return plan.baseBytes(of.runs.indices(), of.sites());
    }

    private void close() {
        int[] open = cells.ints();
        if (open.length > 0) {
            batches.add(new CompiledPlan.Batch(reads.runs.indices(), reads.sites(), groups(open)));
        }
        reads = new CellFacts.Reads(plan);
        cells = new Indices();
    }

    private Groups groups(int[] open) {
        sort(open);
        Indices ends = new Indices();
        int started = 0;
        int groups = 0;
        double share = share(open);
        double work = 0;
        long rows = 0;
        long bytes = 0;
        for (int at = 0; at < open.length; at++) {
            int cell = open[at];
            long itsRows = facts.rows(cell).most();
            long itsBytes = plan.rowBytes(facts.rows(cell));
            long itsWork = facts.rows(cell).rowLayers();
            boolean even = itsWork > 0 && work >= share * (groups + 1);
            boolean full = even || rows + itsRows > tuning.saturatedRows() || bytes + itsBytes > rowBudget;
            if (at > started && (full || !together(open[started], cell))) {
                ends.add(at);
                groups++;
                started = at;
                rows = 0;
                bytes = 0;
            }
            work += itsWork;
            rows += itsRows;
            bytes += itsBytes;
        }
        ends.add(open.length);
        return new Groups(open, ends.ints());
    }

    /** Sorts cells: those of one run share its keys; within these, cells born in one layer enter their group there. */
    private void sort(int[] open) {
        // Sorted as numbers: the order, then the place that makes it stable.
        long[] keys = new long[open.length];
        long births = plan.sizes().layers() + 3L;
        for (int at = 0; at < open.length; at++) {
            int cell = open[at];
            long order = order(facts.company(cell));
            order = order * plan.runs().size() + facts.run(cell);
            order = order * births + facts.rows(cell).birth() + 1;
            keys[at] = Math.addExact(Math.multiplyExact(order, open.length), at);
        }
        Arrays.sort(keys);
        int[] before = open.clone();
        for (int at = 0; at < open.length; at++) {
            open[at] = before[(int) (keys[at] % open.length)];
        }
    }

    private static int order(Company company) {
        return switch (company) {
            case ANY -> 0;
            case PER_HEAD -> 1;
            case ALONE -> 2;
        };
    }

    /** Returns the work per group if all lanes get equal shares. */
    private double share(int[] open) {
        long rows = 0;
        long work = 0;
        for (int cell : open) {
            rows += facts.rows(cell).most();
            work += facts.rows(cell).rowLayers();
        }
        long full = Math.max(1, (rows + tuning.saturatedRows() - 1) / tuning.saturatedRows());
        long even = Math.min((full + lanes - 1) / lanes * lanes, rows / tuning.worthwhileRows());
        return work / (double) Math.max(full, even);
    }

    private boolean together(int first, int next) {
        return facts.company(first) == facts.company(next) && facts.company(next) != Company.ALONE;
    }
}
