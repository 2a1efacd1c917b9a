package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.analysis.DirectLogitAttribution;
import dev.kausal.engine.circuits.EdgeAttribution;
import dev.kausal.engine.circuits.EdgeGraph;
import dev.kausal.engine.circuits.EdgePair;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.exec.BatchedExecutor;
import dev.kausal.engine.exec.Continuation;
import dev.kausal.engine.exec.Greedy;
import dev.kausal.engine.exec.TextPrompt;
import dev.kausal.engine.family.Placement;
import dev.kausal.engine.family.StreamedWeightsException;
import dev.kausal.engine.family.WeightRule;
import dev.kausal.engine.forward.Linearisation;
import dev.kausal.engine.gradients.Gradients;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.metrics.LogitDifference;
import dev.kausal.engine.model.Checkpoint;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.model.ModelSource;
import dev.kausal.engine.plan.CellOutcome;
import dev.kausal.engine.plan.SweepPlan;
import dev.kausal.engine.replacement.GraphSearch;
import dev.kausal.engine.replacement.GraphSettings;
import dev.kausal.engine.requests.Generation;
import dev.kausal.engine.tensor.Precision;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.weights.NonFiniteWeightsException;
import dev.kausal.engine.weights.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models whose layers are decoded during each pass, against the same models in memory. */
@ExtendWith(NoOpenArrays.class)
final class StreamedModelTest {
    /** Of the largest entry: the same maths, but for the layout of the unembedding. */
    private static final double TOLERANCE = 1e-5;

    private static final int[] PROMPT = {3, 17, 5, 11, 29};
    private static final int[] OTHER = {3, 9, 5, 11, 29};
    private static final int LAYERS = 8;

    private static final GraphSettings GRAPH = new GraphSettings(1, 0.5, 1, 1, 0);

    @TempDir
    Path folder;

    static Stream<String> models() {
        return TinyModels.all();
    }

    static Stream<String> decoders() {
        return TinyModels.DECODERS.stream();
    }

    private static HookedModel streamed(Path path, int held) {
        try (ModelSource source = ModelSource.open(path)) {
            return source.load(Placement.streaming(held), Precision.FLOAT32);
        }
    }

    private static void same(String what, float[] expected, float[] found) {
        double size = 0;
        double gap = 0;
        assertEquals(expected.length, found.length, what);
        for (int i = 0; i < expected.length; i++) {
            size = Math.max(size, Math.abs(expected[i]));
            gap = Math.max(gap, Math.abs(expected[i] - found[i]));
        }
        assertTrue(gap <= TOLERANCE * Math.max(1, size), what + " is off by " + gap + " where entries reach " + size);
    }

    @ParameterizedTest
    @MethodSource("models")
    void outputsActivationsAndGradientsAreTheResidentModels(String name) throws IOException {
        Path path = TinyModels.folder(name);
        Input input;
        try (HookedModel model = HookedModel.open(path)) {
            input = GradientDump.read(path).prompt().input(model.config());
        }
        try (HookedModel resident = HookedModel.open(path);
                HookedModel model = streamed(path, 0);
                NDManager manager = Torch.manager()) {
            same(name, outputs(resident, input, manager), outputs(model, input, manager));
            // A wrong gradient would be wrong at the first layer's points, which everything else flows into.
            for (HookKind kind : List.of(HookKind.RESID_PRE, HookKind.Z, HookKind.MLP_OUT, HookKind.EMBED)) {
                try (Gradients expected = gradients(resident, input, kind, manager);
                        Gradients found = gradients(model, input, kind, manager)) {
                    assertEquals(expected.value(), found.value(), TOLERANCE * Math.max(1, Math.abs(expected.value())));
                    expected.gradients().names().forEach(point -> {
                        same(point, floats(expected.activations(), point), floats(found.activations(), point));
                        same(point, floats(expected.gradients(), point), floats(found.gradients(), point));
                    });
                }
            }
        }
    }

    private static float[] floats(ActivationCache cache, String point) {
        return cache.get(point).toFloatArray();
    }

    private static float[] outputs(HookedModel model, Input input, NDManager manager) {
        try (NDArray outputs = model.outputs(List.of(input), new Hooks(model.points()), manager)) {
            return outputs.toFloatArray();
        }
    }

    private static Gradients gradients(HookedModel model, Input input, HookKind kind, NDManager manager) {
        return Gradients.of(model, List.of(input), GradientsTest.COSINES, point -> point.kind() == kind, manager);
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama-tied-bf16", "gpt2", "gemma2", "granite", "bert-masked", "beit-absolute"})
    void sweepsAreTheResidentModels(String name) {
        try (HookedModel resident = HookedModel.open(TinyModels.folder(name));
                HookedModel model = streamed(TinyModels.folder(name), 1)) {
            for (long seed = 0; seed < 10; seed++) {
                SweepPlan plan = new RandomPlans(resident, seed).draw();
                List<CellOutcome> expected = new BatchedExecutor(1L << 28).execute(resident, plan, done -> {});
                List<CellOutcome> found = new BatchedExecutor(1L << 28).execute(model, plan, done -> {});
                for (int cell = 0; cell < expected.size(); cell++) {
                    double value = expected.get(cell).value();
                    double noise = Double.isNaN(value) ? 0 : 2e-4 * Math.max(1, Math.abs(value));
                    assertEquals(value, found.get(cell).value(), noise, "cell " + cell);
                    assertEquals(expected.get(cell).fired(), found.get(cell).fired(), "cell " + cell);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void readingsAndEdgesAreTheResidentModels(String name) {
        try (HookedModel resident = HookedModel.open(TinyModels.folder(name));
                HookedModel model = streamed(TinyModels.folder(name), 0)) {
            double[] expected = attribution(resident);
            double[] found = attribution(model);
            for (int i = 0; i < expected.length; i++) {
                assertEquals(expected[i], found[i], 1e-5, "component " + i);
            }
            assertEquals(texts(resident), texts(model));
            if (resident.config().block().order().parallel()
                    || resident.config().block().order().normsOutput()) {
                return;
            }
            double[] edges = edges(resident);
            double[] streamedEdges = edges(model);
            for (int edge = 0; edge < edges.length; edge++) {
                double noise = TOLERANCE * Math.max(1, Math.abs(edges[edge]));
                assertEquals(edges[edge], streamedEdges[edge], noise, "edge " + edge);
            }
        }
    }

    private static double[] attribution(HookedModel model) {
        return DirectLogitAttribution.of(model, PROMPT, new Hooks(model.points()), 7, 11)
                .shares();
    }

    private static List<List<Integer>> texts(HookedModel model) {
        List<TextPrompt> prompts = List.of(new TextPrompt(Input.tokens(PROMPT), List.of(), 0));
        return new Generation(List.of(), prompts, 6, Set.of(), new Greedy())
                .of(model).stream().map(Continuation::tokens).toList();
    }

    private static double[] edges(HookedModel model) {
        EdgePair pair = new EdgePair(
                Input.tokens(PROMPT), Input.tokens(OTHER), PROMPT.length - 1, new LogitDifference(7, 11), List.of());
        try (HookedModel own = model.ungrouped()) {
            return EdgeAttribution.of(own, new EdgeGraph(own.config()), List.of(pair), 0, Linearisation.NONE, 1L << 28)[
                    0];
        }
    }

    /** Writes a Llama of 8 layers with random weights. */
    private Path deep(int brokenLayer) throws IOException {
        String config = Files.readString(TinyModels.folder("llama").resolve("config.json"))
                .replaceAll("\"num_hidden_layers\": \\d+", "\"num_hidden_layers\": " + LAYERS);
        Random random = new Random(3);
        List<SafetensorsWriter.Tensor> tensors = new ArrayList<>();
        for (Checkpoint.Slot slot : Checkpoint.of(config).slots()) {
            if (slot.need() == WeightRule.Need.OPTIONAL && slot.layer() >= 0) {
                continue;
            }
            float[] values = new float[(int) Arrays.stream(slot.shape()).reduce(1, (a, b) -> a * b)];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (0.1 * random.nextGaussian());
            }
            if (slot.layer() == brokenLayer && brokenLayer >= 0) {
                values[values.length - 1] = Float.NaN;
            }
            tensors.add(new SafetensorsWriter.Tensor(slot.name(), slot.shape(), values));
        }
        Files.writeString(folder.resolve("config.json"), config);
        SafetensorsWriter.write(folder.resolve("model.safetensors"), tensors, SafetensorsWriter.Precision.F32);
        return folder;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void atMostTheWindowAndTheHeldLayersAreInMemory(boolean backward) throws IOException {
        Path path = deep(-1);
        try (HookedModel resident = HookedModel.open(path)) {
            layersOpen(resident, backward).forEach(layers -> assertEquals(LAYERS, layers));
        }
        try (HookedModel model = streamed(path, 2)) {
            // The pass has another handle on the layer that it is in.
            int most = 2 + Placement.WINDOW + 1;
            layersOpen(model, backward).forEach(layers -> assertTrue(layers <= most, layers + " layers, not " + most));
        }
    }

    /** Returns how many layers' weights are open after each layer of three passes, forward and perhaps backward. */
    private static List<Integer> layersOpen(HookedModel model, boolean backward) {
        Shape mlpOut = new Shape(model.config().dMlp(), model.config().dModel());
        List<Integer> open = new ArrayList<>();
        Hooks hooks = new Hooks(model.points());
        hooks.replace(point -> point.kind() == HookKind.RESID_POST, (x, point) -> {
            open.add(NoOpenArrays.open(mlpOut));
            return x;
        });
        try (NDManager manager = Torch.manager()) {
            List<Input> inputs = List.of(Input.tokens(PROMPT));
            for (int pass = 0; pass < 3; pass++) {
                if (backward) {
                    Gradients.of(model, inputs, hooks, GradientsTest.COSINES, p -> p.kind() == HookKind.Z, manager)
                            .close();
                } else {
                    model.outputs(inputs, hooks, manager).close();
                }
            }
        }
        assertTrue(open.size() >= 3 * LAYERS);
        return open;
    }

    @Test
    void severalThreadsPassAtOnce() throws Exception {
        Path path = deep(-1);
        try (HookedModel resident = HookedModel.open(path);
                HookedModel model = streamed(path, 0);
                NDManager manager = Torch.manager()) {
            float[] expected = outputs(resident, Input.tokens(PROMPT), manager);
            List<Throwable> failures = new ArrayList<>();
            List<Thread> threads = IntStream.range(0, 4)
                    .mapToObj(thread -> new Thread(() -> {
                        try (NDManager own = Torch.manager()) {
                            Torch.inference();
                            for (int pass = 0; pass < 10; pass++) {
                                same("thread " + thread, expected, outputs(model, Input.tokens(PROMPT), own));
                            }
                        } catch (Throwable e) {
                            synchronized (failures) {
                                failures.add(e);
                            }
                        }
                    }))
                    .toList();
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(List.of(), failures);
        }
    }

    @Test
    void aLayerWithNaNIsRefusedWhenItIsReached() throws IOException {
        try (HookedModel model = streamed(deep(5), 0);
                NDManager manager = Torch.manager()) {
            for (int attempt = 0; attempt < 2; attempt++) {
                NonFiniteWeightsException thrown = assertThrows(
                        NonFiniteWeightsException.class, () -> outputs(model, Input.tokens(PROMPT), manager));
                assertTrue(thrown.getMessage().contains("model.layers.5."), thrown.getMessage());
            }
        }
    }

    /** No handle on a layer outlives its scope. Which layers are in the window at that time varies. */
    @Test
    void passesLeaveNoHandlesBehind() throws IOException {
        try (HookedModel model = streamed(deep(-1), 0);
                NDManager manager = Torch.manager()) {
            int before = 0;
            for (int step = 0; step < 2; step++) {
                outputs(model, Input.tokens(PROMPT), manager);
                attribution(model);
                edges(model);
                int after = model.weights().manager().getManagedArrays().size();
                assertTrue(step == 0 || after == before, after + " arrays, not " + before);
                before = after;
            }
        }
    }

    @Test
    void weightsOfAStreamedModelAreNotChanged() {
        try (HookedModel model = streamed(TinyModels.folder("llama"), 0)) {
            for (Executable use : List.<Executable>of(
                    () -> model.weights().parameters(),
                    () -> model.weights().leaves(),
                    () -> model.weights().random(1),
                    () -> GraphSearch.of(model, Input.tokens(PROMPT), 4, List.of(), GRAPH, 1L << 28))) {
                String message =
                        assertThrows(StreamedWeightsException.class, use).getMessage();
                assertTrue(message.contains("--memory"), message);
            }
            assertThrows(IllegalArgumentException.class, () -> new Placement(false, 1));
        }
    }
}
