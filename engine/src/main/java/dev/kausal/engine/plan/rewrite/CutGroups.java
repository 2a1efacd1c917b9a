package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.PlanDependencies;
import dev.kausal.engine.plan.PlannedCell;
import dev.kausal.engine.plan.PlannedEdit;
import dev.kausal.engine.tensor.Tuning;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Cells go through the layers together, as many as memory holds and matrix products gain from, and as many such groups
 * at once as there are threads.
 */
final class CutGroups implements Rewrite {
    /** Who may share a group: where any cell gives heads their own inputs, a layer's rows take another way. */
    private enum Company {
        ANY,
        PER_HEAD,
        ALONE
    }

    private final long budget;
    private final int threads;
    private final Tuning tuning;

    /** Groups for {@code budget} bytes beyond the weights, so many threads and a device of this tuning. */
    CutGroups(long budget, int threads, Tuning tuning) {
        this.budget = budget;
        this.threads = threads;
        this.tuning = tuning;
    }

    @Override
    public String name() {
        return "go through the layers together";
    }

    @Override
    public String reason() {
        return "each weight is read once per group, products of many rows are near the processor's peak, and cores with"
                + " groups of their own do not wait for each other";
    }

    @Override
    public CompiledPlan apply(CompiledPlan plan) {
        int lanes = lanes(plan);
        return plan.withBatches(lanes, new Cut(plan, budget, lanes, tuning).batches());
    }

    /** A script's functions may keep something between calls, so they are never called by two threads. */
    private int lanes(CompiledPlan plan) {
        if (plan.cells().stream().anyMatch(CutGroups::callsScript)) {
            return 1;
        }
        long largest = plan.cells().stream()
                .mapToLong(cell -> PlanDependencies.rowBytes(plan, cell))
                .max()
                .orElse(0);
        long held = budget / 2 / Math.max(1, largest);
        return (int) Math.max(1, Math.min(held, Math.min(threads, tuning.mostLanes())));
    }

    private static boolean callsScript(PlannedCell cell) {
        return cell.editsByScript()
                || cell.readings().stream().anyMatch(reading -> reading.metric().callsScript());
    }

    private static final class Cut {
        private final CompiledPlan plan;
        private final long baseBudget;
        private final long rowBudget;
        private final int lanes;
        private final Tuning tuning;
        private final List<CompiledPlan.Batch> batches = new ArrayList<>();
        private Set<Integer> runs = new TreeSet<>();
        private Map<String, HookPoint> sites = new LinkedHashMap<>();
        private List<Integer> cells = new ArrayList<>();

        Cut(CompiledPlan plan, long budget, int lanes, Tuning tuning) {
            this.plan = plan;
            this.baseBudget = budget / 2;
            this.rowBudget = budget / 2 / lanes;
            this.lanes = lanes;
            this.tuning = tuning;
        }

        List<CompiledPlan.Batch> batches() {
            List<List<Integer>> byRun = new ArrayList<>();
            plan.runs().forEach(run -> byRun.add(new ArrayList<>()));
            for (int cell = 0; cell < plan.cells().size(); cell++) {
                byRun.get(plan.cells().get(cell).run()).add(cell);
            }
            for (List<Integer> ofRun : byRun) {
                Set<Integer> more = new TreeSet<>(runs);
                ofRun.forEach(cell ->
                        more.addAll(PlanDependencies.runs(plan, plan.cells().get(cell))));
                Map<String, HookPoint> read = PlanDependencies.sites(plan, ofRun);
                Map<String, HookPoint> all = new LinkedHashMap<>(sites);
                all.putAll(read);
                if (PlanDependencies.baseBytes(plan, more, all.values()) <= baseBudget) {
                    runs = more;
                    sites = all;
                    cells.addAll(ofRun);
                } else {
                    close();
                    sites = read;
                    cells.addAll(ofRun);
                    ofRun.forEach(cell ->
                            runs.addAll(PlanDependencies.runs(plan, plan.cells().get(cell))));
                }
            }
            close();
            return batches;
        }

        private void close() {
            if (!cells.isEmpty()) {
                batches.add(new CompiledPlan.Batch(List.copyOf(runs), groups()));
            }
            runs = new TreeSet<>();
            sites = new LinkedHashMap<>();
            cells = new ArrayList<>();
        }

        private List<List<Integer>> groups() {
            // Cells of one run share its keys; among them, those born in one layer fill a group from that layer on.
            cells.sort(Comparator.comparing(this::company)
                    .thenComparingInt(cell -> cell(cell).run())
                    .thenComparingInt(cell -> cell(cell).rows().birth()));
            List<List<Integer>> groups = new ArrayList<>();
            List<Integer> group = new ArrayList<>();
            double share = share();
            double work = 0;
            long rows = 0;
            long bytes = 0;
            for (int cell : cells) {
                long itsRows = cell(cell).rows().most();
                long itsBytes = PlanDependencies.rowBytes(plan, cell(cell));
                boolean even = work(cell) > 0 && work >= share * (groups.size() + 1);
                boolean full = even || rows + itsRows > tuning.saturatedRows() || bytes + itsBytes > rowBudget;
                if (!group.isEmpty() && (full || !together(group.get(0), cell))) {
                    groups.add(group);
                    group = new ArrayList<>();
                    rows = 0;
                    bytes = 0;
                }
                group.add(cell);
                work += work(cell);
                rows += itsRows;
                bytes += itsBytes;
            }
            if (!group.isEmpty()) {
                groups.add(group);
            }
            return groups;
        }

        /** The work of one group where all lanes get as much. */
        private double share() {
            long rows =
                    cells.stream().mapToLong(cell -> cell(cell).rows().most()).sum();
            long full = Math.max(1, (rows + tuning.saturatedRows() - 1) / tuning.saturatedRows());
            long even = Math.min((full + lanes - 1) / lanes * lanes, rows / tuning.worthwhileRows());
            return cells.stream().mapToLong(this::work).sum() / (double) Math.max(full, even);
        }

        private long work(int cell) {
            return cell(cell).rows().rowLayers();
        }

        /** Whether a cell gives heads inputs of their own, and whether it also edits the norm that these pass. */
        private Company company(int index) {
            boolean perHead = false;
            boolean norm = false;
            for (PlannedEdit edit : cell(index).edits()) {
                HookKind kind = edit.point().kind();
                perHead |= kind.inputPerHead();
                norm |= kind == HookKind.LN1_SCALE || kind == HookKind.LN1_NORMALIZED;
            }
            return perHead ? (norm ? Company.ALONE : Company.PER_HEAD) : Company.ANY;
        }

        private boolean together(int first, int next) {
            return company(first) == company(next) && company(next) != Company.ALONE;
        }

        private PlannedCell cell(int index) {
            return plan.cells().get(index);
        }
    }
}
