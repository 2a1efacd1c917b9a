package dev.kausal.engine.estimates;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.exec.PlainSources;
import dev.kausal.engine.forward.Linearisation;
import dev.kausal.engine.forward.ScoreChanges;
import dev.kausal.engine.gradients.EmbeddingPath;
import dev.kausal.engine.gradients.Gradients;
import dev.kausal.engine.gradients.PathGradients;
import dev.kausal.engine.gradients.RecordedPass;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.tensor.Scope;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Variants of equal lengths that run as one batch: their values, activations and gradients, and the estimates of their
 * cells.
 */
final class EstimatedBatch {
    private final HookedModel model;
    private final SweepPlan plan;
    private final PlainSources sources;
    private final Map<Variant, List<Integer>> cells;
    private final List<Variant> variants;
    private final List<Run> runs;
    private final Set<String> sites;
    private final @Nullable ScoreChanges scores;

    /**
     * Creates a batch.
     *
     * @param cells the plan's cells by variant
     * @param scores computes the softmax of attention again for edits before it; null if its slope is used
     */
    EstimatedBatch(
            HookedModel model,
            SweepPlan plan,
            PlainSources sources,
            Map<Variant, List<Integer>> cells,
            @Nullable ScoreChanges scores) {
        this.model = model;
        this.plan = plan;
        this.sources = sources;
        this.cells = new LinkedHashMap<>(cells);
        this.variants = List.copyOf(cells.keySet());
        this.runs =
                variants.stream().map(variant -> plan.runs().get(variant.run())).toList();
        this.sites = sites(model, plan, cells.values(), scores);
        this.scores = scores;
    }

    /** Returns the names of points whose activations and gradients the estimates of {@code cells} need. */
    static Set<String> sites(
            HookedModel model, SweepPlan plan, Collection<List<Integer>> cells, @Nullable ScoreChanges scores) {
        Set<String> sites = cells.stream()
                .flatMap(List::stream)
                .flatMap(cell -> plan.cells().get(cell).edits().stream())
                .flatMap(edit -> Stream.concat(Stream.of(edit.site()), edit.replacement().reads().stream()))
                .collect(Collectors.toCollection(TreeSet::new));
        if (scores != null) {
            List.copyOf(sites)
                    .forEach(site -> sites.addAll(PatternChanges.read(
                            model.config(), scores, model.points().named(site))));
        }
        return sites;
    }

    /**
     * Estimates the changes of the metric by the cells' edits, or their sizes if the rules are {@link Linearisation#unsigned}.
     *
     * @param steps points of the path from the other runs' embeddings; 0 for gradients at the runs themselves
     * @param values receives each variant's value
     * @param changes receives each cell's change, with its audit
     */
    void estimate(
            int steps, Linearisation rules, Map<Variant, Double> values, CellOutcome[] changes, IntConsumer done) {
        List<Input> inputs = runs.stream().map(Run::input).toList();
        List<Metric> metrics = variants.stream().map(Variant::metric).toList();
        Hooks hooks = VariantHooks.of(model, plan.runs(), variants, sources);
        MeasuredSum sum = new MeasuredSum(runs, metrics, sources::reference);
        RecordedPass pass = new RecordedPass(model, inputs, hooks, sum, rules);
        Predicate<HookPoint> which = point -> sites.contains(point.name());
        try (NDManager manager = model.device().manager()) {
            if (rules.unsigned() && !sites.isEmpty()) {
                ActivationCache activations = measured(pass, sum, which, manager);
                keep(sum.values(), values);
                dropped(pass, steps, which, activations, changes, done);
            } else if (sites.isEmpty() || steps > 0) {
                ActivationCache activations = measured(pass, sum, which, manager);
                keep(sum.values(), values);
                if (sites.isEmpty()) {
                    cells(EstimatedBatch::unread, EstimatedBatch::unread, changes, done);
                } else {
                    PathGradients gradients = PathGradients.of(pass, path(steps), which, manager);
                    cells(activations::get, gradients::get, changes, done);
                }
            } else {
                Gradients gradients = Gradients.of(pass, which, manager);
                keep(sum.values(), values);
                cells(gradients.activations()::get, gradients::get, changes, done);
            }
        }
    }

    /** Averages the sizes of changes over passes that each lack what one layer writes. */
    private void dropped(
            RecordedPass pass,
            int steps,
            Predicate<HookPoint> which,
            ActivationCache activations,
            CellOutcome[] changes,
            IntConsumer done) {
        LayerDrops drops = new LayerDrops(model.config());
        List<HookPoint> edited =
                edits().map(Edit::site).distinct().map(model.points()::named).toList();
        double[] sizes = new double[changes.length];
        for (int layer = 0; layer < model.config().layers(); layer++) {
            if (drops.zero(edited, layer)) {
                continue;
            }
            RecordedPass without = pass.with(pass.rules().without(layer));
            try (NDManager own = model.device().manager()) {
                if (steps > 0) {
                    PathGradients gradients = PathGradients.of(without, path(steps), which, own);
                    cells(activations::get, gradients::get, changes, count -> {});
                } else {
                    Gradients gradients = Gradients.of(without, which, own);
                    cells(activations::get, gradients::get, changes, count -> {});
                }
            }
            indices().forEach(index -> sizes[index] += Math.abs(changes[index].value()));
        }
        int count = 0;
        for (int index : indices().toArray()) {
            List<HookPoint> own = plan.cells().get(index).edits().stream()
                    .map(edit -> model.points().named(edit.site()))
                    .toList();
            CellOutcome last = changes[index];
            double size = sizes[index] / drops.passes(own);
            changes[index] = new CellOutcome(size, last.fired(), last.largestChange(), last.size());
            done.accept(++count);
        }
    }

    private IntStream indices() {
        return variants.stream()
                .flatMap(variant -> Present.in(cells, variant).stream())
                .mapToInt(index -> index);
    }

    private Stream<Edit> edits() {
        return indices().mapToObj(index -> plan.cells().get(index).edits()).flatMap(List::stream);
    }

    private void keep(double[] found, Map<Variant, Double> values) {
        for (int i = 0; i < found.length; i++) {
            values.put(variants.get(i), found[i]);
        }
    }

    private static NDArray unread(String site) {
        throw new IllegalStateException("nothing was read at " + site);
    }

    /** Runs the batch without recording it, for its values and activations. */
    private ActivationCache measured(
            RecordedPass pass, MeasuredSum sum, Predicate<HookPoint> which, NDManager manager) {
        try (Scope scope = model.device().scope()) {
            return pass.forward(which, sum::measure, scope.manager(), manager);
        }
    }

    private EmbeddingPath path(int steps) {
        List<NDArray> from = new ArrayList<>();
        List<NDArray> to = new ArrayList<>();
        String embed = EmbeddingPath.SITE;
        for (Variant variant : variants) {
            int other = Present.in(plan.others(), variant.run());
            from.add(sources.activation(other, embed));
            to.add(sources.activation(variant.run(), embed));
        }
        return new EmbeddingPath(from, to, steps);
    }

    private void cells(
            Function<String, NDArray> activations,
            Function<String, NDArray> gradients,
            CellOutcome[] changes,
            IntConsumer done) {
        int count = 0;
        for (int i = 0; i < variants.size(); i++) {
            for (int index : Present.in(cells, variants.get(i))) {
                Cell cell = plan.cells().get(index);
                try (Scope scope = model.device().scope()) {
                    PatternChanges patterns = scores == null
                            ? null
                            : new PatternChanges(scores, runs, activations, gradients, scope.manager());
                    FirstOrder change = new FirstOrder(model.points(), sources, patterns, activations, cell.run(), i);
                    cell.edits().stream()
                            .collect(Collectors.groupingBy(Edit::site, LinkedHashMap::new, Collectors.toList()))
                            .forEach(
                                    (site, edits) -> change.add(edits, activations.apply(site), gradients.apply(site)));
                    changes[index] = change.outcome();
                }
                done.accept(++count);
            }
        }
    }
}
