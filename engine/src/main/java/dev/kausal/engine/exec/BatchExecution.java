package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.edits.Changes;
import dev.kausal.engine.edits.EditException;
import dev.kausal.engine.edits.Sources;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.forward.Positions;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.plan.Company;
import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.DirtyRows;
import dev.kausal.engine.plan.MetricRequest;
import dev.kausal.engine.plan.PlannedCell;
import dev.kausal.engine.plan.PlannedEdit;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.tensor.ParallelGroups;
import dev.kausal.engine.tensor.Slices;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntConsumer;
import java.util.function.Predicate;

/**
 * One batch of a plan: its base runs first, then its groups in parallel, each as a wavefront. Frees everything when
 * closed.
 */
final class BatchExecution implements AutoCloseable {
    private record RequestedValue(int run, Metric metric) {}

    private final HookedModel model;
    private final Positions positions;
    private final CompiledPlan plan;
    private final CompiledPlan.Batch batch;
    private final BaseRuns base;
    private final List<Wavefront> generations = new ArrayList<>();
    private final Map<Integer, Integer> generationOf = new HashMap<>();
    private final Map<Integer, Integer> packedRunOf = new HashMap<>();
    private final Map<RequestedValue, Double> baseValues = new HashMap<>();

    BatchExecution(HookedModel model, Positions positions, CompiledPlan plan, CompiledPlan.Batch batch, Sources means) {
        this.model = model;
        this.positions = positions;
        this.plan = plan;
        this.batch = batch;
        this.base = new BaseRuns(model.transformer(), sites(), means);
    }

    private Set<HookPoint> sites() {
        Set<HookPoint> sites = new HashSet<>(batch.sites());
        for (int run : batch.runs()) {
            plan.runs()
                    .get(run)
                    .edits()
                    .forEach(edit -> sites.addAll(
                            edit.replacement().points(model.points().named(edit.site()))));
        }
        return sites;
    }

    void execute(CellOutcome[] outcomes, Progress progress) {
        runBases();
        readReferences();
        ParallelGroups.run(
                plan.lanes(),
                batch.groups().stream()
                        .<Runnable>map(group -> () -> group(group, outcomes, progress.group()))
                        .toList());
    }

    /** Runs base runs; those that read other runs come after them. */
    private void runBases() {
        Set<Integer> waiting = new TreeSet<>(batch.runs());
        while (!waiting.isEmpty()) {
            List<Integer> ready = waiting.stream().filter(this::ready).toList();
            if (ready.isEmpty()) {
                throw EditException.circle(plan.runs()
                        .get(waiting.iterator().next())
                        .edits()
                        .get(0)
                        .site());
            }
            generations(ready.stream().map(this::whole).toList()).forEach(this::pass);
            waiting.removeAll(new HashSet<>(ready));
        }
    }

    /** Groups runs that may pass together. */
    private static List<List<PackedRun>> generations(List<PackedRun> runs) {
        Map<Object, List<PackedRun>> together = new LinkedHashMap<>();
        for (PackedRun run : runs) {
            Company company = Company.of(run.edits());
            Object key = company == Company.ALONE ? run : company;
            together.computeIfAbsent(key, of -> new ArrayList<>()).add(run);
        }
        return List.copyOf(together.values());
    }

    private void pass(List<PackedRun> runs) {
        List<PackedRun> packedRuns = runs.stream()
                .sorted(Comparator.comparingInt(run -> run.rows().length()))
                .toList();
        for (int packedRun = 0; packedRun < packedRuns.size(); packedRun++) {
            generationOf.put(packedRuns.get(packedRun).run(), generations.size());
            packedRunOf.put(packedRuns.get(packedRun).run(), packedRun);
        }
        Wavefront wave = Wavefront.ofRuns(model, positions, packedRuns, base);
        generations.add(wave);
        wave.run(layers -> {});
        wave.recordEnds();
    }

    private boolean ready(int run) {
        return plan.runs().get(run).edits().stream()
                .flatMap(edit -> edit.replacement().runs().stream())
                .allMatch(base::has);
    }

    private PackedRun whole(int index) {
        Run run = plan.runs().get(index);
        List<PlannedEdit> edits = run.edits().stream()
                .map(edit -> new PlannedEdit(edit, model.points().named(edit.site()), true))
                .toList();
        DirtyRows rows = DirtyRows.everything(run.length(), model.config().layers());
        return new PackedRun(index, run, edits, rows);
    }

    private void readReferences() {
        batch.groups().stream()
                .flatMap(List::stream)
                .flatMap(cell -> plan.cells().get(cell).readings().stream())
                .flatMapToInt(reading -> reading.metric().reference().stream())
                .distinct()
                .forEach(run -> base.reference(run, readout(run).outputs(Present.in(packedRunOf, run))));
    }

    private void group(List<Integer> group, CellOutcome[] outcomes, IntConsumer progress) {
        List<PlannedCell> dirty = group.stream()
                .map(plan.cells()::get)
                .filter(cell -> !cell.rows().clean())
                .sorted(order())
                .toList();
        List<PlannedCell> clean = group.stream()
                .map(plan.cells()::get)
                .filter(cell -> cell.rows().clean())
                .toList();
        int count = dirty.stream().mapToInt(cell -> cell.readings().size()).sum();
        int layers = model.config().layers();
        List<PackedRun> packedRuns = dirty.stream()
                .map(cell -> new PackedRun(cell.run(), plan.runs().get(cell.run()), cell.edits(), cell.rows()))
                .toList();
        try (Wavefront wave = Wavefront.ofCells(model, positions, packedRuns, base)) {
            wave.run(layer -> progress.accept((int) ((long) count * layer / (layers + 1))));
            read(dirty, wave, outcomes);
        }
        for (PlannedCell cell : clean) {
            fill(cell, new double[cell.readings().size()], metric -> true, Changes.NONE, outcomes);
        }
        progress.accept(group.stream()
                .mapToInt(cell -> plan.cells().get(cell).readings().size())
                .sum());
    }

    /** Orders cells so that neighbours share base keys and, within these, start in ascending layers. */
    private Comparator<PlannedCell> order() {
        int layers = model.config().layers();
        return Comparator.comparingInt(PlannedCell::run)
                .thenComparingInt(
                        cell -> cell.rows().in(layers - 1) ? cell.rows().ownFrom(layers - 1) : -1)
                .thenComparingInt(cell -> cell.rows().birth());
    }

    private void read(List<PlannedCell> cells, Wavefront wave, CellOutcome[] outcomes) {
        if (cells.isEmpty()) {
            return;
        }
        List<MetricReadout.Request> requests = new ArrayList<>();
        for (int packedRun = 0; packedRun < cells.size(); packedRun++) {
            for (MetricRequest reading : cells.get(packedRun).readings()) {
                requests.add(new MetricReadout.Request(packedRun, reading.metric()));
            }
        }
        double[] found = wave.readout().read(requests);
        int next = 0;
        for (int packedRun = 0; packedRun < cells.size(); packedRun++) {
            int count = cells.get(packedRun).readings().size();
            double[] values = Arrays.copyOfRange(found, next, next + count);
            int read = packedRun;
            fill(
                    cells.get(packedRun),
                    values,
                    metric -> !wave.readout().reaches(read, metric),
                    wave.changes()[packedRun],
                    outcomes);
            next += count;
        }
    }

    /** @param isBase whether a metric of the cell equals its base run's */
    private void fill(
            PlannedCell cell, double[] values, Predicate<Metric> isBase, Changes change, CellOutcome[] outcomes) {
        PlannedCell.Rebased rebased = cell.rebased();
        Changes whole = rebased == null ? change : change.and(largestChange(cell, rebased));
        for (int i = 0; i < values.length; i++) {
            MetricRequest reading = cell.readings().get(i);
            double value = isBase.test(reading.metric()) ? baseValue(cell.run(), reading.metric()) : values[i];
            outcomes[reading.cell()] = new CellOutcome(value, reading.fired(), whole.largest(), whole.size());
        }
    }

    private synchronized double baseValue(int run, Metric metric) {
        return baseValues.computeIfAbsent(
                new RequestedValue(run, metric),
                requested ->
                        readout(run).read(List.of(new MetricReadout.Request(Present.in(packedRunOf, run), metric)))[0]);
    }

    private MetricReadout readout(int run) {
        return generations.get(Present.in(generationOf, run)).readout();
    }

    /** Returns the change of a whole-stream patch: the largest difference between the two runs' streams. */
    private Changes largestChange(PlannedCell cell, PlannedCell.Rebased rebased) {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            NDArray stream = base.stream(rebased.layer());
            int length = cell.rows().length();
            int from = base.row(rebased.from(), 0);
            int to = base.row(cell.run(), 0);
            return Changes.of(Slices.of(stream, 0, from, from + length), Slices.of(stream, 0, to, to + length));
        }
    }

    @Override
    public void close() {
        generations.forEach(Wavefront::close);
        base.close();
    }
}
