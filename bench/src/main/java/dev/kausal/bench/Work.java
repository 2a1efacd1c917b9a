package dev.kausal.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.analysis.DirectLogitAttribution;
import dev.kausal.engine.circuits.EdgeAttribution;
import dev.kausal.engine.circuits.EdgeGraph;
import dev.kausal.engine.circuits.EdgePair;
import dev.kausal.engine.circuits.EdgePatching;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.FromRun;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.edits.Replacement;
import dev.kausal.engine.edits.Zero;
import dev.kausal.engine.exec.BatchedExecutor;
import dev.kausal.engine.exec.Executor;
import dev.kausal.engine.exec.Greedy;
import dev.kausal.engine.exec.TextEdit;
import dev.kausal.engine.exec.TextPrompt;
import dev.kausal.engine.exec.TextWriter;
import dev.kausal.engine.forward.Linearisation;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.metrics.LogitDifference;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.tensor.Torch;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** The tasks that peers also do; each returns the numbers that it computed. */
final class Work {
    private final HookedModel model;
    private final List<Integer> layers;
    private final int heads;

    /** Creates tasks on all layers of a model, or on some if a sweep goes over layers. */
    Work(HookedModel model, List<Integer> layers) {
        this.model = model;
        this.layers = layers;
        this.heads = model.config().heads();
    }

    /** A clean and a corrupted prompt of one length; the corrupted one may be unused. */
    record Pair(int[] clean, int[] corrupted, int answer, int foil) {
        Metric metric() {
            return new LogitDifference(answer, foil);
        }

        EdgePair edges() {
            return new EdgePair(Input.tokens(clean), Input.tokens(corrupted), clean.length - 1, metric());
        }
    }

    /**
     * Patches the clean residual stream into the corrupted run [pair][layer][position], at every {@code stride}th
     * position.
     */
    SweepPlan residualPatching(List<Pair> pairs, int stride) {
        return sweep(pairs, (pair, clean, corrupted, cells) -> {
            for (int layer : layers) {
                for (int position = 0; position < pair.clean().length; position += stride) {
                    PositionRange at = PositionRange.at(position);
                    Replacement from = new FromRun(clean, at);
                    Edit edit = new Edit("blocks." + layer + ".hook_resid_pre", at, Part.ALL, from);
                    cells.add(new Cell(corrupted, List.of(edit), pair.metric()));
                }
            }
        });
    }

    /** Zero-ablates every head's z in the clean run [pair][layer][head]. */
    SweepPlan zeroHeads(List<Pair> pairs) {
        return sweep(pairs, (pair, clean, corrupted, cells) -> {
            for (int layer : layers) {
                for (int head = 0; head < heads; head++) {
                    String site = "blocks." + layer + ".attn.hook_z";
                    Edit edit = new Edit(site, PositionRange.ALL, new Part.Head(head), new Zero());
                    cells.add(new Cell(clean, List.of(edit), pair.metric()));
                }
            }
        });
    }

    /** Patches the clean z of one head at one position into the corrupted run [pair][layer][position][head]. */
    SweepPlan headPatching(List<Pair> pairs) {
        return sweep(pairs, (pair, clean, corrupted, cells) -> {
            for (int layer : layers) {
                for (int position = 0; position < pair.clean().length; position++) {
                    for (int head = 0; head < heads; head++) {
                        PositionRange at = PositionRange.at(position);
                        String site = "blocks." + layer + ".attn.hook_z";
                        Edit edit = new Edit(site, at, new Part.Head(head), new FromRun(clean, at));
                        cells.add(new Cell(corrupted, List.of(edit), pair.metric()));
                    }
                }
            }
        });
    }

    private interface Cells {
        void of(Pair pair, int clean, int corrupted, List<Cell> cells);
    }

    private static SweepPlan sweep(List<Pair> pairs, Cells each) {
        List<Run> runs = new ArrayList<>();
        List<Cell> cells = new ArrayList<>();
        for (Pair pair : pairs) {
            int clean = runs.size();
            runs.add(new Run(pair.clean(), List.of()));
            if (pair.corrupted() != null) {
                runs.add(new Run(pair.corrupted(), List.of()));
            }
            each.of(pair, clean, clean + 1, cells);
        }
        return new SweepPlan(runs, cells);
    }

    /** Returns the metric of each cell. */
    double[] values(SweepPlan plan, Executor executor) {
        return executor.execute(model, plan, done -> {}).stream()
                .mapToDouble(CellOutcome::value)
                .toArray();
    }

    /** Returns the shares of all components [pair][component]. */
    double[] attribution(List<Pair> pairs) {
        List<DirectLogitAttribution.Prompt> prompts = pairs.stream()
                .map(pair -> new DirectLogitAttribution.Prompt(pair.clean(), pair.answer(), pair.foil()))
                .toList();
        return DirectLogitAttribution.of(model, prompts, new Hooks(model.points())).stream()
                .flatMapToDouble(shares -> DoubleStream.of(shares.shares()))
                .toArray();
    }

    /**
     * Estimates all edges, keys and values per query head, by gradients integrated over {@code steps} points: the mean
     * over pairs [edge], in the order of {@link EdgeGraph}.
     */
    double[] integratedEdges(List<Pair> pairs, int steps) {
        try (HookedModel ungrouped = model.ungrouped()) {
            EdgeGraph graph = new EdgeGraph(ungrouped.config());
            double[] mean = new double[graph.size()];
            List<EdgePair> edges = pairs.stream().map(Pair::edges).toList();
            for (double[] found : EdgeAttribution.of(ungrouped, graph, edges, steps, Linearisation.NONE, Main.BUDGET)) {
                for (int edge = 0; edge < mean.length; edge++) {
                    mean[edge] += found[edge] / pairs.size();
                }
            }
            return mean;
        }
    }

    /** Patches every {@code every}th edge of the model, one at a time [pair][edge]. */
    double[] exactEdges(List<Pair> pairs, int every) {
        EdgeGraph graph = new EdgeGraph(model.config());
        List<Integer> edges = IntStream.iterate(0, edge -> edge < graph.size(), edge -> edge + every)
                .boxed()
                .toList();
        Executor executor = new BatchedExecutor(Main.BUDGET);
        return pairs.stream()
                .flatMapToDouble(
                        pair -> DoubleStream.of(new EdgePatching(model, graph, pair.edges()).metrics(edges, executor)))
                .toArray();
    }

    /**
     * Continues a prompt greedily [variant][token]: unedited, or without one of the first {@code variants} heads at all
     * positions. Returns log probabilities.
     */
    double[] texts(int[] ids, int tokens, int variants) {
        List<TextPrompt> prompts = new ArrayList<>();
        for (int head = 0; head < Math.max(1, variants); head++) {
            String site = "blocks." + head / heads + ".attn.hook_z";
            Edit edit = new Edit(site, PositionRange.ALL, new Part.Head(head % heads), new Zero());
            List<TextEdit> edits = variants == 0 ? List.of() : List.of(new TextEdit(edit, TextEdit.During.ALL));
            prompts.add(new TextPrompt(Input.tokens(ids), edits, 0));
        }
        return new TextWriter(model, tokens, Set.of(), new Greedy())
                .write(List.of(), prompts).stream()
                        .flatMap(text -> text.logProbabilities().stream())
                        .mapToDouble(Double::doubleValue)
                        .toArray();
    }

    /** Runs one pass with logits of every position; returns those of the last of each prompt. */
    double[] forward(List<Pair> pairs, boolean cached) {
        Torch.inference();
        try (NDManager manager = Torch.manager()) {
            Hooks hooks = new Hooks(model.points());
            ActivationCache cache = cached ? hooks.capture("**", manager) : null;
            List<int[]> prompts = pairs.stream().map(Pair::clean).toList();
            NDArray logits = model.logits(prompts, hooks, manager);
            DoubleStream.Builder values = DoubleStream.builder();
            int row = 0;
            for (int[] ids : prompts) {
                row += ids.length;
                for (float logit : logits.get(row - 1L).toFloatArray()) {
                    values.add(logit);
                }
            }
            if (cache != null) {
                cache.close();
            }
            return values.build().toArray();
        }
    }
}
