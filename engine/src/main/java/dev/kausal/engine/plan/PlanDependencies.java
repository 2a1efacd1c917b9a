package dev.kausal.engine.plan;

import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.hooks.HookPoint;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What cells read besides their own rows. */
public final class PlanDependencies {
    private PlanDependencies() {}

    /** Returns the runs that one cell needs unedited: its base, sources of patches, references of metrics. */
    public static Set<Integer> runs(CompiledPlan plan, PlannedCell cell) {
        Set<Integer> runs = new TreeSet<>();
        addRuns(plan, cell, runs);
        return runs;
    }

    /** Adds the runs that one cell needs unedited. */
    static void addRuns(CompiledPlan plan, PlannedCell cell, Set<Integer> runs) {
        add(plan, cell.run(), runs);
        PlannedCell.Rebased rebased = cell.rebased();
        if (rebased != null) {
            add(plan, rebased.from(), runs);
        }
        for (PlannedEdit edit : cell.edits()) {
            edit.edit().replacement().runs().forEach(run -> add(plan, run, runs));
        }
        for (MetricRequest reading : cell.readings()) {
            reading.metric().reference().ifPresent(run -> add(plan, run, runs));
        }
    }

    /** Adds a run, after the runs that its own edits read. */
    private static void add(CompiledPlan plan, int run, Set<Integer> runs) {
        if (runs.add(run)) {
            for (Edit edit : plan.runs().get(run).edits()) {
                edit.replacement().runs().forEach(read -> add(plan, read, runs));
            }
        }
    }

    /** Returns the points at which edits of these cells read runs. */
    public static Map<String, HookPoint> sites(CompiledPlan plan, List<Integer> cells) {
        Map<String, HookPoint> sites = new LinkedHashMap<>();
        for (int cell : cells) {
            for (PlannedEdit edit : plan.cells().get(cell).edits()) {
                edit.edit().replacement().points(edit.point()).forEach(point -> sites.put(point.name(), point));
            }
        }
        return sites;
    }

    /** Returns the bytes of the largest layer of a cell's rows. */
    public static long rowBytes(CompiledPlan plan, PlannedCell cell) {
        return cell.rows().most() * plan.sizes().rowBytes(cell.rows().length());
    }

    /** Returns the bytes that a batch's runs hold while its groups run. */
    public static long baseBytes(CompiledPlan plan, CompiledPlan.Batch batch) {
        List<Integer> cells =
                batch.groups().stream().flatMap(List::stream).distinct().toList();
        return baseBytes(plan, batch.runs(), sites(plan, cells).values());
    }

    /** Returns the bytes that {@code runs} hold while groups run that read these sites. */
    public static long baseBytes(CompiledPlan plan, Collection<Integer> runs, Collection<HookPoint> sites) {
        long bytes = 0;
        for (int run : runs) {
            int length = plan.runs().get(run).length();
            bytes += plan.sizes().baseBytes(length);
            for (HookPoint site : sites) {
                bytes += plan.sizes().siteBytes(site, length);
            }
        }
        return bytes;
    }
}
