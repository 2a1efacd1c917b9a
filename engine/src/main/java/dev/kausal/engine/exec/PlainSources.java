package dev.kausal.engine.exec;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.edits.Averaged;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.EditException;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.edits.SingleEdit;
import dev.kausal.engine.edits.Sources;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.CompiledPlan;
import dev.kausal.engine.plan.PlannedEdit;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.tensor.Scope;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Activations that a plan's edits and metrics read, captured by one plain pass per run, at the needed sites only. */
public final class PlainSources implements Sources, AutoCloseable {
    private final HookedModel model;
    private final List<Run> runs;
    private final List<Edit> edits;
    private final NDManager manager;
    private final StreamChange stream;
    private final Map<Integer, Set<String>> read = new TreeMap<>();
    private final Map<Averaged, Set<String>> averaged = new LinkedHashMap<>();
    private final Map<Integer, ActivationCache> caches = new HashMap<>();
    private final Set<Integer> running = new HashSet<>();
    private final Map<Integer, float[]> references = new HashMap<>();
    private final Map<Mean, NDArray> means = new HashMap<>();

    private record Mean(String site, Averaged over) {}

    private PlainSources(HookedModel model, List<Run> runs, Stream<Edit> ofCells) {
        this.model = model;
        this.manager = model.device().manager();
        this.stream = new StreamChange(model.transformer());
        this.runs = runs;
        this.edits = Stream.concat(runs.stream().flatMap(run -> run.edits().stream()), ofCells)
                .toList();
        for (Edit edit : edits) {
            for (int run : edit.replacement().runs()) {
                Set<String> sites = read.computeIfAbsent(run, key -> new LinkedHashSet<>());
                edit.replacement().points(model.points().named(edit.site())).forEach(point -> sites.add(point.name()));
            }
            edit.replacement()
                    .averaged()
                    .ifPresent(over -> averaged.computeIfAbsent(over, key -> new LinkedHashSet<>())
                            .add(edit.site()));
        }
    }

    /** Collects everything that the plan reads. */
    public static PlainSources collect(HookedModel model, SweepPlan plan) {
        return collect(model, plan, Map.of());
    }

    /**
     * Collects everything that the plan reads, and more.
     *
     * @param more names of hook points by run
     */
    public static PlainSources collect(HookedModel model, SweepPlan plan, Map<Integer, Set<String>> more) {
        Stream<Edit> edits = plan.cells().stream().flatMap(cell -> cell.edits().stream());
        return collected(new PlainSources(model, plan.runs(), edits), sources -> {
            more.forEach((run, sites) -> sources.read
                    .computeIfAbsent(run, key -> new LinkedHashSet<>())
                    .addAll(sites));
            sources.read.keySet().forEach(sources::cached);
            sources.averaged.keySet().forEach(sources::average);
            sources.readReferences(plan.cells().stream().map(Cell::metric));
        });
    }

    /** Collects everything that some edits read, and the edits of the runs that they read. */
    static PlainSources of(HookedModel model, List<Run> runs, Stream<Edit> edits) {
        return collected(new PlainSources(model, runs, edits), sources -> {
            sources.read.keySet().forEach(sources::cached);
            sources.averaged.keySet().forEach(sources::average);
        });
    }

    /** Collects means only. */
    static PlainSources means(HookedModel model, CompiledPlan plan) {
        Stream<Edit> edits =
                plan.cells().stream().flatMap(cell -> cell.ownEdits().stream().map(PlannedEdit::edit));
        return collected(
                new PlainSources(model, plan.runs(), edits),
                sources -> sources.averaged.keySet().forEach(sources::average));
    }

    private static PlainSources collected(PlainSources sources, Consumer<PlainSources> what) {
        try {
            what.accept(sources);
            return sources;
        } catch (RuntimeException e) {
            sources.close();
            throw e;
        }
    }

    /** Returns the activations of a run that edits read. */
    private ActivationCache cached(int run) {
        ActivationCache found = caches.get(run);
        if (found == null) {
            found = capture(run, Present.in(read, run), manager);
            caches.put(run, found);
        }
        return found;
    }

    /**
     * Runs once with the run's own edits and stores the activations at {@code sites}.
     *
     * @throws EditException if runs read each other in a circle
     */
    private ActivationCache capture(int run, Set<String> sites, NDManager owner) {
        if (!running.add(run)) {
            throw EditException.circle(runs.get(run).edits().get(0).site());
        }
        prepare(run);
        Hooks hooks = hooks(run);
        ActivationCache cache = hooks.capture(point -> sites.contains(point.name()), owner);
        try (NDManager local = model.device().manager()) {
            model.outputsAt(runs.get(run).input(), runs.get(run).read(), hooks, local);
        }
        running.remove(run);
        return cache;
    }

    /** Captures what the run's own edits read, before its pass. */
    private void prepare(int run) {
        for (Edit edit : runs.get(run).edits()) {
            edit.replacement().runs().forEach(this::cached);
            edit.replacement().averaged().ifPresent(over -> mean(over, edit.site()));
        }
    }

    private Hooks hooks(int run) {
        Hooks hooks = new Hooks(model.points());
        runs.get(run).edits().forEach(edit -> new SingleEdit(edit, this).attach(hooks));
        return hooks;
    }

    private void readReferences(Stream<Metric> metrics) {
        metrics.flatMapToInt(metric -> metric.reference().stream()).distinct().forEach(run -> {
            try (NDManager local = model.device().manager()) {
                Run source = runs.get(run);
                prepare(run);
                NDArray logits = model.outputsAt(source.input(), source.read(), hooks(run), local);
                references.put(run, logits.toFloatArray());
            }
        });
    }

    /** Averages these runs at the needed sites. Sums run by run, so that at most one run's activations are held. */
    private void average(Averaged over) {
        Set<String> sites = Present.in(averaged, over);
        Map<String, NDArray> totals = new HashMap<>();
        for (int run : over.runs()) {
            addTo(totals, run, over.byPosition(), sites);
        }
        for (String site : sites) {
            long count = over.byPosition() ? over.runs().size() : rows(over.runs(), site);
            means.put(new Mean(site, over), Present.in(totals, site).divi((float) count));
        }
    }

    /** Returns how many rows of these runs reach a site. */
    private long rows(List<Integer> averaged, String site) {
        boolean pooled = model.points().named(site).reach() == HookKind.Reach.POOLED;
        return averaged.stream()
                .mapToLong(run -> pooled ? 1 : runs.get(run).length())
                .sum();
    }

    private void addTo(Map<String, NDArray> totals, int run, boolean byPosition, Set<String> sites) {
        try (Scope scope = model.device().scope()) {
            NDManager local = scope.manager();
            ActivationCache cache = capture(run, sites, local);
            for (String site : sites) {
                NDArray all = cache.get(site);
                int rowAxis = model.points().named(site).rowAxis();
                NDArray sum = byPosition ? all.duplicate() : all.sum(new int[] {rowAxis}, true);
                NDArray total = totals.get(site);
                if (total == null) {
                    NDScope.unregister(sum);
                    sum.attach(manager);
                    totals.put(site, sum);
                } else if (total.getShape().equals(sum.getShape())) {
                    total.addi(sum);
                } else {
                    throw new EditException(
                            site, "cannot be averaged over prompts of different lengths. Use prompts of one length.");
                }
            }
        }
    }

    @Override
    public NDArray activation(int run, String site) {
        return cached(run).get(site);
    }

    @Override
    public NDArray added(int run, HookPoint writer, PositionRange rows, NDArray change) {
        return stream.added(this, run, writer, rows, change);
    }

    /** Returns a run's logits at the position that it reads [output]; only runs that metrics compare with have them. */
    public float[] reference(int run) {
        return Present.in(references, run);
    }

    @Override
    public NDArray mean(Averaged over, String site) {
        Mean mean = new Mean(site, over);
        if (!means.containsKey(mean)) {
            average(over);
        }
        return Present.in(means, mean);
    }

    @Override
    public void close() {
        manager.close();
    }
}
