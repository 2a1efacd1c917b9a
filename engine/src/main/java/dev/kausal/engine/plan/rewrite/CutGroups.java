package dev.kausal.engine.plan.rewrite;

import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.plan.Company;
import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.PlanDependencies;
import dev.kausal.engine.plan.PlannedCell;
import dev.kausal.engine.tensor.Tuning;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Groups cells that pass the layers together, as many as fit in memory and speed up matrix products, and runs as many
 * groups in parallel as there are threads.
 */
final class CutGroups implements Rewrite {
    private final long budget;
    private final int threads;
    private final Tuning tuning;

    /**
     * Creates groups for {@code budget} bytes beyond the weights, {@code threads} threads and a device of this tuning.
     */
    CutGroups(long budget, int threads, Tuning tuning) {
        this.budget = budget;
        this.threads = threads;
        this.tuning = tuning;
    }

    @Override
    public String name() {
        return "pass the layers in groups";
    }

    @Override
    public String reason() {
        return "each weight is read once per group, large products run near the processor's peak, and cores with"
                + " separate groups do not wait for each other";
    }

    @Override
    public CompiledPlan apply(CompiledPlan plan) {
        int lanes = lanes(plan);
        return plan.withBatches(lanes, new Cut(plan, budget, lanes, tuning).batches());
    }

    /**
     * Returns the number of lanes; 1 for a script's functions, which may keep state and are never called by two
     * threads.
     */
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
            byRun.forEach(this::add);
            close();
            return batches;
        }

        /** Adds cells of one run to the open batch or to a new one; splits them if they would hold too many runs. */
        private void add(List<Integer> ofRun) {
            if (ofRun.isEmpty()) {
                return;
            }
            Set<Integer> needed = needed(ofRun);
            Map<String, HookPoint> read = PlanDependencies.sites(plan, ofRun);
            Set<Integer> more = new TreeSet<>(runs);
            more.addAll(needed);
            Map<String, HookPoint> all = new LinkedHashMap<>(sites);
            all.putAll(read);
            if (PlanDependencies.baseBytes(plan, more, all.values()) > baseBudget) {
                close();
                List<Integer> half = ofRun.subList(0, ofRun.size() / 2);
                boolean tooMany = PlanDependencies.baseBytes(plan, needed, read.values()) > baseBudget;
                // Cells that read edited runs of their own need fewer runs each than together.
                if (tooMany && !half.isEmpty() && needed(half).size() < needed.size()) {
                    add(half);
                    add(ofRun.subList(half.size(), ofRun.size()));
                    return;
                }
                more = needed;
                all = read;
            }
            runs = more;
            sites = all;
            cells.addAll(ofRun);
        }

        private Set<Integer> needed(List<Integer> some) {
            Set<Integer> needed = new TreeSet<>();
            some.forEach(cell ->
                    needed.addAll(PlanDependencies.runs(plan, plan.cells().get(cell))));
            return needed;
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
            // Cells of one run share its keys; within these, cells born in one layer enter their group there.
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

        /** Returns the work per group if all lanes get equal shares. */
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

        private Company company(int index) {
            return Company.of(cell(index).edits());
        }

        private boolean together(int first, int next) {
            return company(first) == company(next) && company(next) != Company.ALONE;
        }

        private PlannedCell cell(int index) {
            return plan.cells().get(index);
        }
    }
}
