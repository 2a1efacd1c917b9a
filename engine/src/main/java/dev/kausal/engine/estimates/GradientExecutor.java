package dev.kausal.engine.estimates;

import dev.kausal.engine.errors.Present;
import dev.kausal.engine.exec.Executor;
import dev.kausal.engine.exec.PlainSources;
import dev.kausal.engine.exec.Progress;
import dev.kausal.engine.forward.Linearisation;
import dev.kausal.engine.forward.ScoreChanges;
import dev.kausal.engine.gradients.EmbeddingPath;
import dev.kausal.engine.gradients.ObjectiveException;
import dev.kausal.engine.gradients.RecordingSize;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.Sizes;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.rows.Extent;
import dev.kausal.engine.tensor.ParallelGroups;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.tensor.Tuning;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Estimates cells: the value of a cell's run plus the first-order change by its edits, which is the gradient at the
 * edited entries times what is written there minus what was there (attribution patching, Nanda 2023). Cells without edits have the run's own value.
 *
 * <p>Cells of one run and metric share one recorded pass (see {@link Variant}), or one per point of a path; runs of equal
 * length share a batch.
 *
 * <p>By rules that are {@link Linearisation#unsigned}, a cell with edits has the size of their change alone, since a size
 * cannot be added to the run's value.
 */
public final class GradientExecutor implements Executor {
    private final long budget;
    private final int steps;
    private final Linearisation rules;

    private GradientExecutor(long budget, int steps, Linearisation rules) {
        this.budget = budget;
        this.steps = steps;
        this.rules = rules;
    }

    /**
     * Returns an executor that takes gradients in the runs themselves.
     *
     * @param budget bytes beyond the weights
     */
    public static GradientExecutor atRuns(long budget, Linearisation rules) {
        return new GradientExecutor(budget, 0, rules);
    }

    /**
     * Returns an executor that averages gradients over the path from the other run's input embedding (Hanna et al. 2024).
     *
     * @param budget bytes beyond the weights
     * @param steps number of points
     * @throws IllegalArgumentException if there are fewer than 1
     */
    public static GradientExecutor alongPaths(long budget, int steps, Linearisation rules) {
        if (steps < 1) {
            throw new IllegalArgumentException("a path needs at least one step, not " + steps);
        }
        return new GradientExecutor(budget, steps, rules);
    }

    /**
     * Returns the most bytes that recordings of passes over prompts of these lengths take at once.
     *
     * @param budget bytes beyond the weights
     */
    public static long recordedBytes(RecordingSize size, long budget, List<Integer> lengths) {
        long all = 0;
        long largest = 0;
        for (int length : lengths) {
            long one = size.peak(length, 1);
            all += one;
            largest = Math.max(largest, one);
        }
        long together = Math.max(1, room(budget, size.tuning()) / Math.max(1, largest));
        return Math.min(all, together * largest);
    }

    @Override
    public String name() {
        return steps == 0 ? "gradient" : "integrated gradients";
    }

    /**
     * Estimates a plan's cells.
     *
     * @throws ObjectiveException if a metric has no gradient, or a path no start
     */
    @Override
    public List<CellOutcome> execute(HookedModel model, SweepPlan plan, IntConsumer progress) {
        Torch.inference();
        plan.check(model.config());
        CellOutcome[] changes = new CellOutcome[plan.cells().size()];
        Map<Variant, Double> values = new ConcurrentHashMap<>();
        Progress told = new Progress(progress);
        ScoreChanges scores =
                rules.softmax() == Linearisation.Softmax.COMPUTED ? new ScoreChanges(model.config()) : null;
        List<Variant> variants = plan.cells().stream()
                .map(cell -> Variant.of(cell, model.points()))
                .toList();
        try (PlainSources sources = PlainSources.collect(model, plan, ends(plan))) {
            int lanes = lanes(model, plan, scores);
            List<Runnable> batches = new ArrayList<>();
            for (Map<Variant, List<Integer>> cells : batches(model, plan, variants, scores, lanes)) {
                EstimatedBatch batch = new EstimatedBatch(model, plan, sources, cells, scores);
                batches.add(() -> batch.estimate(steps, rules, values, changes, told.group()));
            }
            ParallelGroups.run(lanes, batches);
        }
        return outcomes(plan, variants, values, changes);
    }

    /** Adds the changes to the values of runs, which are those of one pass, whatever passes gradients were taken in. */
    private List<CellOutcome> outcomes(
            SweepPlan plan, List<Variant> variants, Map<Variant, Double> values, CellOutcome[] changes) {
        List<CellOutcome> outcomes = new ArrayList<>();
        for (int i = 0; i < changes.length; i++) {
            Variant own = variants.get(i);
            Double value = values.get(new Variant(own.run(), own.metric(), Set.of()));
            double base = value == null ? Present.in(values, own) : value;
            if (rules.unsigned() && !plan.cells().get(i).edits().isEmpty()) {
                base = 0;
            }
            CellOutcome change = changes[i];
            outcomes.add(new CellOutcome(base + change.value(), change.fired(), change.largestChange(), change.size()));
        }
        return outcomes;
    }

    /** Returns the ends of paths, to be captured. */
    private Map<Integer, Set<String>> ends(SweepPlan plan) {
        Map<Integer, Set<String>> ends = new HashMap<>();
        if (steps > 0) {
            Set<String> embed = Set.of(EmbeddingPath.SITE);
            plan.cells().stream().filter(cell -> !cell.edits().isEmpty()).forEach(cell -> {
                Integer other = plan.others().get(cell.run());
                if (other == null) {
                    throw ObjectiveException.noOtherRun(cell.run());
                }
                ends.put(cell.run(), embed);
                ends.put(other, embed);
            });
        }
        return ends;
    }

    private List<Map<Variant, List<Integer>>> batches(
            HookedModel model, SweepPlan plan, List<Variant> own, @Nullable ScoreChanges scores, int lanes) {
        Map<Variant, List<Integer>> cells = new LinkedHashMap<>();
        for (int i = 0; i < plan.cells().size(); i++) {
            cells.computeIfAbsent(own.get(i), key -> new ArrayList<>()).add(i);
        }
        Map<Object, List<Variant>> alike = new LinkedHashMap<>();
        for (Variant variant : cells.keySet()) {
            Run run = plan.runs().get(variant.run());
            // Unedited runs need no gradients.
            boolean edited = Present.in(cells, variant).stream()
                    .anyMatch(cell -> !plan.cells().get(cell).edits().isEmpty());
            Object key = List.of(edited, run.length(), Extent.of(run.input()));
            alike.computeIfAbsent(key, of -> new ArrayList<>()).add(variant);
        }
        List<Map<Variant, List<Integer>>> batches = new ArrayList<>();
        for (List<Variant> variants : alike.values()) {
            List<List<Integer>> together =
                    variants.stream().map(variant -> Present.in(cells, variant)).toList();
            Set<String> sites = EstimatedBatch.sites(model, plan, together, scores);
            int length = plan.runs().get(variants.get(0).run()).length();
            int most = most(model, length, sites, variants.size(), lanes);
            for (int from = 0; from < variants.size(); from += most) {
                Map<Variant, List<Integer>> batch = new LinkedHashMap<>();
                variants.subList(from, Math.min(variants.size(), from + most))
                        .forEach(variant -> batch.put(variant, Present.in(cells, variant)));
                batches.add(batch);
            }
        }
        return batches;
    }

    /** Returns the bytes of a pass of {@code variants} prompts of one length, whose gradients are taken at {@code sites}. */
    private long bytes(HookedModel model, int length, Set<String> sites, int variants) {
        Sizes sizes = new Sizes(model.config());
        long read = sites.stream()
                .map(model.points()::named)
                .mapToLong(point -> 3 * sizes.siteBytes(point, length))
                .sum();
        return new RecordingSize(sizes, model.device().tuning(), rules).peak(length, variants) + variants * read;
    }

    /** Returns the bytes that recordings of all passes together may take. */
    private static long room(long budget, Tuning tuning) {
        return Math.min(budget, tuning.recordedBytes());
    }

    /** Returns how many passes run at once: no more than there is room for. */
    private int lanes(HookedModel model, SweepPlan plan, @Nullable ScoreChanges scores) {
        List<Integer> all = IntStream.range(0, plan.cells().size()).boxed().toList();
        Set<String> sites = EstimatedBatch.sites(model, plan, List.of(all), scores);
        int longest = plan.runs().stream().mapToInt(Run::length).max().orElse(1);
        int most = Math.min(Torch.threads(), model.device().tuning().mostLanes());
        return (int) Math.max(
                1, Math.min(most, room(budget, model.device().tuning()) / bytes(model, longest, sites, 1)));
    }

    /** Returns how many of some variants run together, within the budget and no more than are faster together. */
    private int most(HookedModel model, int length, Set<String> sites, int variants, int lanes) {
        int even = (variants + lanes - 1) / lanes;
        int fast = Math.max(1, model.device().tuning().saturatedRows() / length);
        int most = Math.min(even, fast);
        long share = room(budget, model.device().tuning()) / lanes;
        while (most > 1 && bytes(model, length, sites, most) > share) {
            most--;
        }
        return most;
    }
}
