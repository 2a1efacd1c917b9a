package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.circuits.EdgeAttribution;
import dev.kausal.engine.circuits.EdgeBatches;
import dev.kausal.engine.circuits.EdgeGraph;
import dev.kausal.engine.circuits.EdgePair;
import dev.kausal.engine.circuits.Reader;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.forward.Linearisation;
import dev.kausal.engine.gradients.Gradients;
import dev.kausal.engine.gradients.Objective;
import dev.kausal.engine.gradients.RecordedPass;
import dev.kausal.engine.graph.Component;
import dev.kausal.engine.graph.Port;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.metrics.KlDivergence;
import dev.kausal.engine.metrics.LogitDifference;
import dev.kausal.engine.metrics.Loss;
import dev.kausal.engine.metrics.Metric;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.requests.PairMetrics;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.tensor.Tuning;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Estimates of the edges of many pairs at once. */
@ExtendWith(NoOpenArrays.class)
final class BatchedEdgesTest {
    private static final long LARGE = 1L << 30;

    private static Linearisation rules(Linearisation.Softmax softmax, Linearisation.Writes writes) {
        Linearisation own = Linearisation.RELP;
        return new Linearisation(
                own.norms(), own.patterns(), own.activations(), own.gates(), own.mlps(), softmax, writes);
    }

    private static final List<Linearisation> RULES = List.of(
            Linearisation.NONE,
            Linearisation.RELP,
            rules(Linearisation.Softmax.COMPUTED, new Linearisation.Kept()),
            rules(Linearisation.Softmax.SLOPE, new Linearisation.EachDropped()),
            rules(Linearisation.Softmax.COMPUTED, new Linearisation.EachDropped()));

    /** Pairs of two lengths in turn, with metrics of one position, of all, and with a reference of their own. */
    private static List<EdgePair> pairs(ModelConfig config) {
        Random random = new Random(3);
        List<EdgePair> pairs = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            int length = i % 2 == 0 ? 5 : 7;
            Input clean =
                    Input.tokens(random.ints(length, 0, config.vocabulary()).toArray());
            Input corrupted =
                    Input.tokens(random.ints(length, 0, config.vocabulary()).toArray());
            float[] reference = new float[config.vocabulary()];
            reference[i] = i;
            pairs.add(
                    switch (i / 2) {
                        case 0 -> new EdgePair(clean, corrupted, length - 1 - i, new LogitDifference(i, 9));
                        case 1 -> new EdgePair(clean, corrupted, length - 1, new Loss());
                        default -> new EdgePair(clean, corrupted, length - 1, new KlDivergence(0), List.of(reference));
                    });
        }
        return pairs;
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama", "gemma2", "gpt-neox"})
    void theyAreThoseOfEachPairAlone(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            EdgeGraph graph = new EdgeGraph(model.config());
            List<EdgePair> pairs = pairs(model.config());
            for (Linearisation rules : RULES) {
                for (int steps : List.of(0, 3)) {
                    double[][] together = EdgeAttribution.of(model, graph, pairs, steps, rules, LARGE);
                    double[][] small = EdgeAttribution.of(model, graph, pairs, steps, rules, 0);
                    for (int i = 0; i < pairs.size(); i++) {
                        String what = name + ", pair " + i + ", steps " + steps + ", " + rules;
                        double[] alone = EdgeAttribution.of(model, graph, pairs.get(i), steps, rules);
                        assertNear(alone, together[i], what);
                        assertNear(alone, small[i], what);
                    }
                }
            }
        }
    }

    private static void assertNear(double[] expected, double[] found, String what) {
        double most = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        assertTrue(most > 0, what);
        for (int edge = 0; edge < expected.length; edge++) {
            assertEquals(expected[edge], found[edge], 1e-5 * most, what + ", edge " + edge);
        }
    }

    @Test
    void noArrayStays() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("llama"))) {
            EdgeGraph graph = new EdgeGraph(model.config());
            List<EdgePair> pairs = pairs(model.config());
            for (Linearisation rules : RULES) {
                NoOpenArrays.during(model, () -> EdgeAttribution.of(model, graph, pairs, 2, rules, LARGE));
            }
        }
    }

    @Test
    void batchesStayWithinTheBudget() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("llama"))) {
            ModelConfig config = model.config();
            List<Integer> lengths = List.of(5, 9, 5, 9, 9, 5, 5, 5, 5, 9, 9);
            for (Linearisation rules : RULES) {
                long least = new EdgeBatches(config, 4, rules, 0, 2, Tuning.CPU).peakBytes(lengths);
                long before = least;
                for (long budget = least; budget < 100 * least; budget *= 2) {
                    long peak = new EdgeBatches(config, 4, rules, budget, 2, Tuning.CPU).peakBytes(lengths);
                    assertTrue(peak <= budget, peak + " of " + budget);
                    before = Math.max(before, peak);
                }
                assertTrue(before > 2 * least, "a larger budget is used: " + before + " instead of " + least);
            }
        }
    }

    /** Gradients at hooks that give each head its own stream, times what the writers' hook points show. */
    @ParameterizedTest
    @MethodSource("models")
    void theyAreGradientsAtEachReadersOwnInput(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            EdgeGraph graph = new EdgeGraph(model.config());
            Input clean = Input.tokens(1, 2, 3, 4, 5, 6);
            Input corrupted = Input.tokens(7, 2, 9, 4, 11, 6);
            EdgePair pair = new EdgePair(clean, corrupted, 3, new LogitDifference(1, 0));
            for (Linearisation rules : List.of(Linearisation.NONE, Linearisation.RELP, Linearisation.DIRECT)) {
                double[] found = EdgeAttribution.of(model, graph, pair, 0, rules);
                assertNear(products(model, graph, pair, rules), found, name + ", " + rules);
            }
        }
    }

    static Stream<String> models() {
        return TinyModels.all()
                .filter(name -> !TinyModels.HEADLESS.contains(name))
                .filter(name -> {
                    try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
                        ModelConfig config = model.config();
                        boolean plain = !config.block().order().normsSum()
                                && !config.block().order().normsOutput();
                        return plain && !config.readsImages();
                    }
                });
    }

    private static double[] products(HookedModel model, EdgeGraph graph, EdgePair pair, Linearisation rules) {
        Predicate<HookPoint> written = point -> point.kind() == HookKind.RESULT
                || point.kind() == HookKind.MLP_OUT
                || point.name().equals(HookKind.RESID_PRE.name(0));
        Predicate<HookPoint> read = point ->
                graph.readers().stream().anyMatch(reader -> reader.port().site().equals(point.name()));
        List<Metric> metrics = List.of(pair.metric());
        Objective objective = Objective.sum(metrics, List.of(pair.read()), run -> new float[0]);
        RecordedPass pass = new RecordedPass(model, List.of(pair.clean()), new Hooks(model.points()), objective, rules);
        double[] edges = new double[graph.size()];
        try (NDManager manager = Torch.manager();
                ActivationCache clean = WriterScores.captured(model, pair.clean(), written, manager);
                ActivationCache corrupted = WriterScores.captured(model, pair.corrupted(), written, manager);
                Gradients gradients = Gradients.of(pass, read, manager)) {
            List<float[]> changes = graph.writers().stream()
                    .map(writer -> own(corrupted, writer, manager).sub(own(clean, writer, manager)))
                    .map(NDArray::toFloatArray)
                    .toList();
            for (int edge = 0; edge < edges.length; edge++) {
                Reader reader = graph.readers().get(graph.reader(edge));
                NDArray all = gradients.get(reader.port().site());
                float[] slope = (reader.kind().perHead() ? all.get(":,:," + reader.head()) : all).toFloatArray();
                float[] change = changes.get(graph.writer(edge));
                for (int i = 0; i < slope.length; i++) {
                    edges[edge] += (double) slope[i] * change[i];
                }
            }
        }
        return edges;
    }

    private static NDArray own(ActivationCache from, Component writer, NDManager manager) {
        Port port = writer.writer().orElseThrow();
        String site = writer instanceof Component.Embed ? HookKind.RESID_PRE.name(0) : port.site();
        NDArray all = from.get(site);
        NDArray own = writer instanceof Component.Head head ? all.get(":,:," + head.head()) : all.duplicate();
        own.attach(manager);
        return own;
    }

    @Test
    void metricsOfBothRunsAreThoseOfTheRuns() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("llama"))) {
            for (EdgePair pair : pairs(model.config())) {
                double[] found = new PairMetrics(pair).of(model);
                double[] alone = new double[] {value(model, pair.clean(), pair), value(model, pair.corrupted(), pair)};
                for (int i = 0; i < 2; i++) {
                    assertEquals(alone[i], found[i], 1e-5 * Math.max(1, Math.abs(alone[i])), pair + " " + i);
                }
            }
        }
    }

    /** The metric of one run, from the logits of every position. */
    private static double value(HookedModel model, Input input, EdgePair pair) {
        try (NDManager manager = Torch.manager()) {
            int length = input.length();
            NDArray logits = model.logits(List.of(input.ids()), manager);
            NDArray rows = logits.get(manager.create(pair.metric().positions(length, pair.read())));
            return pair.metric().of(rows, pair.clean().ids(), pair.references()::get);
        }
    }
}
