package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import dev.kausal.engine.circuits.CircuitInputException;
import dev.kausal.engine.circuits.CircuitRun;
import dev.kausal.engine.circuits.EdgeAttribution;
import dev.kausal.engine.circuits.EdgeGraph;
import dev.kausal.engine.circuits.EdgePair;
import dev.kausal.engine.circuits.EdgePatching;
import dev.kausal.engine.circuits.Reader;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.PatchConfig;
import dev.kausal.engine.exec.BatchedExecutor;
import dev.kausal.engine.exec.Executor;
import dev.kausal.engine.exec.PlainExecutor;
import dev.kausal.engine.forward.Linearisation;
import dev.kausal.engine.gradients.ObjectiveException;
import dev.kausal.engine.metrics.KlDivergence;
import dev.kausal.engine.metrics.LogitDifference;
import dev.kausal.engine.metrics.Loss;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.metrics.ScriptMetric;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.plan.Cell;
import dev.kausal.engine.plan.Run;
import dev.kausal.engine.plan.SweepPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Edges and circuits against bench/edges.py, and what must hold of them on every family. */
@ExtendWith(NoOpenArrays.class)
final class EdgesTest {
    private record Circuit(List<String> missing, double metric) {}

    private record Case(
            String model,
            double clean,
            double corrupted,
            double[] gradient,
            List<String> edges,
            double[] integrated,
            double[] dropped,
            double[] droppedPath,
            double[] recomputed,
            double[] recomputedPath,
            double[] exact,
            List<Circuit> circuits) {}

    private record Reference(int[] clean, int[] corrupted, int answer, int foil, int steps, List<Case> cases) {}

    private static Reference reference() throws Exception {
        Path file = Path.of("src/test/resources/analysis/edges.json");
        return new Gson().fromJson(Files.readString(file), Reference.class);
    }

    private static Case of(Reference reference, String name) {
        return reference.cases().stream()
                .filter(one -> one.model().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static EdgePair pair(Reference all) {
        Metric metric = new LogitDifference(all.answer(), all.foil());
        int last = all.clean().length - 1;
        return new EdgePair(Input.tokens(all.clean()), Input.tokens(all.corrupted()), last, metric);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama", "gemma2", "gpt-neox"})
    void estimatesAreAutograds(String name) throws Exception {
        Reference all = reference();
        Case expected = of(all, name);
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            EdgeGraph graph = new EdgeGraph(model.config());
            assertEquals(
                    expected.edges().stream().sorted().toList(),
                    graph.labels().stream().sorted().toList());
            double[] gradient = EdgeAttribution.of(model, graph, pair(all), 0, Linearisation.NONE);
            double[] integrated = EdgeAttribution.of(model, graph, pair(all), all.steps(), Linearisation.NONE);
            assertNear(graph, expected.edges(), expected.gradient(), gradient);
            assertNear(graph, expected.edges(), expected.integrated(), integrated);
        }
    }

    private static Linearisation rules(Linearisation.Softmax softmax, Linearisation.Writes writes) {
        return new Linearisation(
                Linearisation.Norms.THROUGH,
                Linearisation.Patterns.THROUGH,
                Linearisation.Activations.SLOPE,
                Linearisation.Gates.PRODUCT,
                Linearisation.Mlps.THROUGH,
                softmax,
                writes);
    }

    /** Gradient drop, and the softmax computed again. */
    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama", "gemma2", "gpt-neox"})
    void bothFixesAreThoseOfPyTorch(String name) throws Exception {
        Reference all = reference();
        Case expected = of(all, name);
        Linearisation dropped = rules(Linearisation.Softmax.SLOPE, new Linearisation.EachDropped());
        Linearisation computed = rules(Linearisation.Softmax.COMPUTED, new Linearisation.Kept());
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            EdgeGraph graph = new EdgeGraph(model.config());
            List<String> edges = expected.edges();
            int steps = all.steps();
            assertNear(graph, edges, expected.dropped(), EdgeAttribution.of(model, graph, pair(all), 0, dropped));
            assertNear(
                    graph, edges, expected.droppedPath(), EdgeAttribution.of(model, graph, pair(all), steps, dropped));
            assertNear(graph, edges, expected.recomputed(), EdgeAttribution.of(model, graph, pair(all), 0, computed));
            assertNear(
                    graph,
                    edges,
                    expected.recomputedPath(),
                    EdgeAttribution.of(model, graph, pair(all), steps, computed));
            // Both fixes together: sizes of what is no slope either.
            double[] both = EdgeAttribution.of(
                    model, graph, pair(all), 0, rules(Linearisation.Softmax.COMPUTED, new Linearisation.EachDropped()));
            int value = graph.find("embed -> L1.v0").orElseThrow();
            double[] alone = EdgeAttribution.of(model, graph, pair(all), 0, dropped);
            assertEquals(alone[value], both[value], 1e-5 * Math.abs(alone[value]));
            assertTrue(java.util.Arrays.stream(both).allMatch(size -> size >= 0));
        }
    }

    private static void assertNear(EdgeGraph graph, List<String> edges, double[] expected, double[] found) {
        double most = java.util.Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        for (int i = 0; i < expected.length; i++) {
            int edge = graph.find(edges.get(i)).orElseThrow();
            assertEquals(expected[i], found[edge], 1e-5 * most, edges.get(i));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama", "gemma2", "gpt-neox"})
    void circuitsAreThoseOfPlainHooks(String name) throws Exception {
        Reference all = reference();
        Case expected = of(all, name);
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            EdgeGraph graph = new EdgeGraph(model.config());
            try (CircuitRun run = new CircuitRun(model, graph, pair(all))) {
                List<BitSet> circuits = expected.circuits().stream()
                        .map(circuit -> without(graph, circuit.missing()))
                        .toList();
                double[] metrics = run.metrics(circuits);
                for (int i = 0; i < metrics.length; i++) {
                    assertEquals(expected.circuits().get(i).metric(), metrics[i], 2e-5);
                }
                double[] single = run.metrics(expected.edges().stream()
                        .map(edge -> without(graph, List.of(edge)))
                        .toList());
                for (int i = 0; i < single.length; i++) {
                    assertEquals(
                            expected.clean() + expected.exact()[i],
                            single[i],
                            2e-5,
                            expected.edges().get(i));
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama", "gemma2", "gpt-neox"})
    void exactEdgesAreThoseOfPlainHooks(String name) throws Exception {
        Reference all = reference();
        Case expected = of(all, name);
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            EdgeGraph graph = new EdgeGraph(model.config());
            EdgePatching patching = new EdgePatching(model, graph, pair(all));
            List<Integer> edges = expected.edges().stream()
                    .map(edge -> graph.find(edge).orElseThrow())
                    .toList();
            for (Executor executor : List.of(new PlainExecutor(), new BatchedExecutor(1L << 26))) {
                double[] found = patching.metrics(edges, executor);
                for (int i = 0; i < found.length; i++) {
                    String edge = expected.edges().get(i) + " by " + executor.name();
                    assertEquals(expected.clean() + expected.exact()[i], found[i], 2e-5, edge);
                }
            }
        }
    }

    private static BitSet without(EdgeGraph graph, List<String> missing) {
        BitSet kept = graph.all();
        missing.forEach(label -> kept.clear(graph.find(label).orElseThrow()));
        return kept;
    }

    static Stream<String> models() {
        return TinyModels.all().filter(name -> !TinyModels.HEADLESS.contains(name));
    }

    private static Input input(ModelConfig config, Random random) {
        if (config.readsImages()) {
            PatchConfig shape = config.embedding().image().orElseThrow();
            int rows = 2 * shape.patchRows();
            int columns = 2 * shape.patchColumns();
            float[] pixels = new float[shape.channels() * rows * columns];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (float) random.nextGaussian();
            }
            return config.image(pixels, rows, columns);
        }
        return Input.tokens(random.ints(6, 0, config.vocabulary()).toArray());
    }

    /** Nothing kept is the corrupted run, everything kept the clean one; edges of one writer sum to its own score. */
    @ParameterizedTest
    @MethodSource("models")
    void theEndsAreTheRunsAndNodesAreSumsOfTheirEdges(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            if (model.config().block().order().normsSum()) {
                return;
            }
            Random random = new Random(5);
            Metric metric = new LogitDifference(1, 0);
            Input clean = input(model.config(), random);
            Input corrupted = input(model.config(), random);
            EdgePair pair = new EdgePair(clean, corrupted, 3, metric);
            EdgeGraph graph = new EdgeGraph(model.config());
            List<Run> runs = List.of(new Run(clean, 3, List.of()), new Run(corrupted, 3, List.of()));
            List<Cell> cells = List.of(new Cell(0, List.of(), metric), new Cell(1, List.of(), metric));
            List<Double> ends = new PlainExecutor()
                    .execute(model, new SweepPlan(runs, cells), done -> {}).stream()
                            .map(outcome -> outcome.value())
                            .toList();
            try (CircuitRun run = new CircuitRun(model, graph, pair)) {
                double[] metrics = run.metrics(List.of(graph.all(), new BitSet()));
                double near = 2e-5 * Math.max(1, Math.abs(ends.get(0)) + Math.abs(ends.get(1)));
                assertEquals(ends.get(0), metrics[0], near);
                assertEquals(ends.get(1), metrics[1], near);
                assertTrue(Math.abs(ends.get(0) - ends.get(1)) > 1e-3, "the inputs differ");
            }
            assertExactEdges(model, graph, pair);
            WriterScores.assertSums(model, graph, pair, EdgeAttribution.of(model, graph, pair, 0, Linearisation.NONE));
        }
    }

    /** Patched edges, of which a plan computes only the rows below, are circuits that lack one edge. */
    private static void assertExactEdges(HookedModel model, EdgeGraph graph, EdgePair pair) {
        List<Integer> edges = new Random(7).ints(12, 0, graph.size()).boxed().toList();
        List<BitSet> circuits = edges.stream()
                .map(edge -> {
                    BitSet kept = graph.all();
                    kept.clear(edge);
                    return kept;
                })
                .toList();
        double[] found = new EdgePatching(model, graph, pair).metrics(edges, new BatchedExecutor(1L << 26));
        try (CircuitRun run = new CircuitRun(model, graph, pair)) {
            double[] expected = run.metrics(circuits);
            for (int i = 0; i < found.length; i++) {
                double near = 5e-5 * Math.max(1, Math.abs(expected[i]));
                assertEquals(expected[i], found[i], near, graph.label(edges.get(i)));
            }
        }
    }

    /** An ungrouped model computes the same, and its edges into keys and values sum to those of the group. */
    @ParameterizedTest
    @ValueSource(strings = {"llama", "gemma2", "qwen2", "qwen3", "olmo2"})
    void edgesOfQueryHeadsSumToThoseOfTheirGroup(String name) throws Exception {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name));
                HookedModel own = model.ungrouped()) {
            Reference all = reference();
            EdgeGraph graph = new EdgeGraph(model.config());
            EdgeGraph ungrouped = new EdgeGraph(own.config());
            double[] grouped = EdgeAttribution.of(model, graph, pair(all), 0, Linearisation.NONE);
            double[] single = EdgeAttribution.of(own, ungrouped, pair(all), 0, Linearisation.NONE);
            double largest =
                    java.util.Arrays.stream(grouped).map(Math::abs).max().orElseThrow();
            for (int edge = 0; edge < grouped.length; edge++) {
                Reader reader = graph.readers().get(graph.reader(edge));
                boolean shared = reader.kind() == Reader.Kind.KEY || reader.kind() == Reader.Kind.VALUE;
                int size = shared ? model.config().groupSize() : 1;
                double sum = 0;
                for (int i = 0; i < size; i++) {
                    int first = ungrouped.firstReader(reader.kind(), reader.layer());
                    sum += single[ungrouped.edge(graph.writer(edge), first + reader.head() * size + i)];
                }
                assertEquals(grouped[edge], sum, 2e-5 * largest, graph.label(edge));
            }
        }
    }

    @Test
    void badPairsAreRefused() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("llama"))) {
            Metric metric = new LogitDifference(1, 0);
            Input six = Input.tokens(1, 2, 3, 4, 5, 6);
            assertThrows(CircuitInputException.class, () -> new EdgePair(six, Input.tokens(1, 2), 5, metric));
            EdgePair script = new EdgePair(six, Input.tokens(6, 5, 4, 3, 2, 1), 5, new ScriptMetric(logits -> 1));
            assertThrows(
                    ObjectiveException.class,
                    () -> EdgeAttribution.of(model, new EdgeGraph(model.config()), script, 0, Linearisation.NONE));
        }
    }

    /** Metrics that read several positions or another run. */
    @Test
    void lossAndDivergenceAreEstimatedAndRun() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("llama"))) {
            Input clean = Input.tokens(1, 2, 3, 4, 5, 6);
            Input corrupted = Input.tokens(1, 2, 13, 4, 5, 6);
            EdgeGraph graph = new EdgeGraph(model.config());
            EdgePair loss = new EdgePair(clean, corrupted, 5, new Loss());
            float[] reference = new float[model.config().vocabulary()];
            EdgePair divergence = new EdgePair(clean, corrupted, 5, new KlDivergence(0), List.of(reference));
            for (EdgePair pair : List.of(loss, divergence)) {
                double[] estimated = EdgeAttribution.of(model, graph, pair, 0, Linearisation.NONE);
                try (CircuitRun run = new CircuitRun(model, graph, pair)) {
                    BitSet none = new BitSet();
                    double full = run.metrics(List.of(graph.all(), none))[0];
                    int edge = graph.find("L2 mlp -> logits").orElseThrow();
                    BitSet all = graph.all();
                    all.clear(edge);
                    double change = run.metrics(List.of(all))[0] - full;
                    assertTrue(
                            Math.abs(change - estimated[edge]) < 0.5 * Math.abs(change) + 0.02, pair + ": " + change);
                }
            }
        }
    }
}
