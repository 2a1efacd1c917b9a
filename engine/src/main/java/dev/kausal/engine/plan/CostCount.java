package dev.kausal.engine.plan;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Sums the costs of a plan's cells, one after another. Operations follow from rows, lengths and tokens. */
public final class CostCount {
    private final CompiledPlan plan;
    private final NeededRuns bases;
    private final Map<Integer, long[]> rowLayersByLength = new HashMap<>();
    private final Set<Integer> tokens = new HashSet<>();
    private final long vocabulary;
    private int length = -1;
    private long[] rowLayersOfLength = {0};
    private long rowBytesOfLength;
    private @Nullable MetricRequest last;
    private double valuesOfLast;
    private long cells;
    private long passes;
    private double unembedded;
    private long largest;

    /**
     * Creates an empty count.
     *
     * @param plan the plan, whose cells are still to be added
     * @param bases the runs that its cells need, which whoever adds the cells collects
     */
    public CostCount(CompiledPlan plan, NeededRuns bases) {
        this.plan = plan;
        this.bases = bases;
        this.vocabulary = plan.sizes().config().outputs();
    }

    /** Adds a cell. */
    public void add(PlannedCell cell) {
        DirtyRows rows = cell.rows();
        of(rows.length());
        cells++;
        if (!rows.clean()) {
            passes++;
            rowLayersOfLength[0] += rows.rowLayers();
        }
        unembedded += values(cell.readings(), rows.length());
        largest = Math.max(largest, rows.most() * rowBytesOfLength);
    }

    private void of(int itsLength) {
        if (itsLength != length) {
            length = itsLength;
            rowLayersOfLength = rowLayersByLength.computeIfAbsent(itsLength, key -> new long[1]);
            rowBytesOfLength = plan.sizes().rowBytes(itsLength);
            last = null;
        }
    }

    /** Returns the rows × tokens that the readings of one cell unembed. */
    private double values(List<MetricRequest> readings, int itsLength) {
        if (readings.size() == 1 && isLast(readings.get(0))) {
            return valuesOfLast;
        }
        tokens.clear();
        double most = 0;
        MetricRequest before = null;
        for (MetricRequest reading : readings) {
            if (before == null || !reading.metric().equals(before.metric())) {
                List<Integer> read = plan.tokensOnly() ? reading.metric().tokens() : List.of();
                tokens.addAll(read);
                if (read.isEmpty()) {
                    most = Math.max(most, (double) reading.metric().rows(itsLength) * vocabulary);
                }
            }
            before = reading;
        }
        double values = Math.max(most, tokens.size());
        if (readings.size() == 1) {
            last = readings.get(0);
            valuesOfLast = values;
        }
        return values;
    }

    private boolean isLast(MetricRequest reading) {
        return last != null && reading.metric().equals(last.metric());
    }

    /** Returns the cost of the cells, each computed alone. */
    public Cost total() {
        long layers = plan.sizes().layers();
        long all = passes + (plan.shared() ? bases.count() : 0);
        return cost(cells, all * layers, plan.sizes().heldBytes() + largest);
    }

    /** Returns the cost of the same cells in the batches of {@code cut}. */
    public Cost total(CompiledPlan cut) {
        long groups = 0;
        long layers =
                cut.shared() ? (long) plan.sizes().layers() * cut.batches().size() : 0;
        long peak = 0;
        for (CompiledPlan.Batch batch : cut.batches()) {
            groups += batch.groups().size();
            for (List<Integer> group : batch.groups()) {
                layers += plan.sizes().layers() - first(cut, group);
            }
            peak = Math.max(peak, bytes(cut, batch));
        }
        return cost(groups, layers, plan.sizes().heldBytes() + peak);
    }

    private Cost cost(long groups, long passedLayers, long peak) {
        Map<Integer, Long> rows = new HashMap<>();
        rowLayersByLength.forEach((of, sum) -> rows.put(of, sum[0]));
        long runs = passes;
        if (plan.shared()) {
            for (int run : bases.indices()) {
                int of = plan.runs().get(run).length();
                rows.merge(of, (long) of * plan.sizes().layers(), Long::sum);
                runs++;
            }
        }
        long rowLayers = 0;
        double flops = unembedded * plan.sizes().unembedFlops(1);
        for (Map.Entry<Integer, Long> entry : rows.entrySet()) {
            rowLayers += entry.getValue();
            flops += entry.getValue() * plan.sizes().rowFlops(entry.getKey());
        }
        return new Cost(runs, rowLayers, unembedded, flops, groups, passedLayers, peak);
    }

    /** Returns the first layer that a group passes; the number of layers if none of its cells computes anything. */
    private static long first(CompiledPlan cut, List<Integer> group) {
        int first = cut.sizes().layers();
        for (int cell : group) {
            DirtyRows rows = cut.planned().rows(cell);
            if (!rows.clean()) {
                first = Math.min(first, Math.max(0, rows.birth()));
            }
        }
        return first;
    }

    /** Returns the bytes of a batch's runs and of its largest groups that run in parallel. */
    private static long bytes(CompiledPlan cut, CompiledPlan.Batch batch) {
        long[] groups = new long[batch.groups().size()];
        for (int group = 0; group < groups.length; group++) {
            for (int cell : batch.groups().get(group)) {
                groups[group] += cut.rowBytes(cut.planned().rows(cell));
            }
        }
        Arrays.sort(groups);
        long largest = cut.baseBytes(batch.runs(), batch.sites());
        for (int group = Math.max(0, groups.length - cut.lanes()); group < groups.length; group++) {
            largest += groups[group];
        }
        return largest;
    }
}
