package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.edits.Edit;
import dev.kausal.engine.edits.EditHooks;
import dev.kausal.engine.edits.FeatureChange;
import dev.kausal.engine.edits.FeatureEdit;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.edits.PositionRange;
import dev.kausal.engine.features.Dictionary;
import dev.kausal.engine.features.DictionaryFile;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.replacement.AttributionGraph;
import dev.kausal.engine.replacement.GraphScores;
import dev.kausal.engine.replacement.GraphSearch;
import dev.kausal.engine.replacement.GraphSettings;
import dev.kausal.engine.replacement.LayerTranscoder;
import dev.kausal.engine.replacement.PrunedGraph;
import dev.kausal.engine.replacement.ReplacementException;
import dev.kausal.engine.tensor.Device;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.weights.SafetensorsWriter;
import dev.kausal.engine.weights.WeightStore;
import dev.kausal.engine.weights.WeightStores;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attribution graphs against circuit-tracer's; bench/attribution_graphs.py keeps its numbers. */
@ExtendWith(NoOpenArrays.class)
final class AttributionGraphTest {
    private static final double NEAR = 1e-5;

    /** Bytes of a few copies of a prompt, so that rows take several backward passes. */
    private static final long FEW = 400_000;

    static Path folder(String name) {
        return Path.of("src/test/resources/graphs", name);
    }

    /** Opens a folder of transcoders for a model; the caller closes them. */
    static List<LayerTranscoder> transcoders(Path folder, HookedModel model) {
        List<LayerTranscoder> all = new ArrayList<>();
        for (int layer = 0; layer < model.config().layers(); layer++) {
            try (DictionaryFile file = DictionaryFile.open(folder.resolve("layer_" + layer + ".safetensors"))) {
                Dictionary dictionary = file.load(Device.CPU);
                HookPoint site = model.points().named(file.config().site().orElseThrow());
                if (file.config().gained()) {
                    var own = model.weights().layers().get(layer);
                    dictionary.foldGain(java.util.Objects.requireNonNull(own.ln2Gain()), own.ln2Bias());
                }
                all.add(new LayerTranscoder(site.name(), file.config().writes().orElseThrow(), dictionary));
            }
        }
        return all;
    }

    private static void close(List<LayerTranscoder> transcoders) {
        transcoders.forEach(one -> one.dictionary().close());
    }

    private static JsonObject expected(String name) {
        try {
            return JsonParser.parseString(Files.readString(folder(name).resolve("graph.json")))
                    .getAsJsonObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Input prompt(JsonObject expected) {
        return Input.tokens(numbers(expected.getAsJsonArray("prompt")));
    }

    private static int[] numbers(JsonArray array) {
        return IntStream.range(0, array.size())
                .map(i -> array.get(i).getAsInt())
                .toArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2-relu", "gpt2-jumprelu-skip", "llama-relu-skip", "llama-jumprelu", "gemma2-jumprelu"})
    void isThatOfCircuitTracer(String name) {
        JsonObject expected = expected(name);
        JsonElement most = expected.get("most");
        GraphSettings settings = new GraphSettings(
                10,
                0.95,
                most.isJsonNull() ? 10_000 : most.getAsInt(),
                expected.get("step").getAsInt(),
                1);
        try (HookedModel model =
                HookedModel.open(TinyModels.folder(expected.get("model").getAsString()))) {
            List<LayerTranscoder> transcoders = transcoders(folder(name), model);
            Input prompt = prompt(expected);
            AttributionGraph graph = GraphSearch.of(model, prompt, prompt.length() - 1, transcoders, settings, FEW);
            assertNodes(expected, graph);
            assertAdjacency(expected.getAsJsonArray("adjacency"), graph);
            GraphScores scores = GraphScores.of(graph);
            assertEquals(expected.get("replacement").getAsDouble(), scores.replacement(), NEAR);
            assertEquals(expected.get("completeness").getAsDouble(), scores.completeness(), NEAR);
            assertPruned(expected, graph);
            close(transcoders);
        }
    }

    /** Edits of transcoders' features against circuit-tracer's, whose hooks are PyTorch's. */
    @ParameterizedTest
    @ValueSource(strings = {"gpt2-relu", "gpt2-jumprelu-skip", "llama-relu-skip", "llama-jumprelu", "gemma2-jumprelu"})
    void editedFeaturesAreThoseOfCircuitTracer(String name) {
        JsonObject expected = expected(name);
        try (HookedModel model =
                        HookedModel.open(TinyModels.folder(expected.get("model").getAsString()));
                NDManager manager = Torch.manager()) {
            List<LayerTranscoder> transcoders = transcoders(folder(name), model);
            Input prompt = prompt(expected);
            for (JsonElement one : expected.getAsJsonArray("interventions")) {
                JsonObject run = one.getAsJsonObject();
                LayerTranscoder transcoder = transcoders.get(run.get("layer").getAsInt());
                FeatureEdit change = new FeatureEdit(
                        transcoder::dictionary,
                        List.of(run.get("feature").getAsInt()),
                        new FeatureChange.To(run.get("value").getAsFloat()),
                        Optional.of(transcoder.site()));
                int position = run.get("position").getAsInt();
                Edit edit = new Edit(transcoder.target(), new PositionRange(position, position), Part.ALL, change);
                Hooks hooks = EditHooks.of(model.points(), List.of(edit));
                float[] logits = model.outputsAt(prompt, prompt.length() - 1, hooks, manager)
                        .toFloatArray();
                JsonArray own = run.getAsJsonArray("logits");
                for (int token = 0; token < logits.length; token++) {
                    assertEquals(own.get(token).getAsDouble(), logits[token], NEAR, () -> "logits with " + run);
                }
            }
            close(transcoders);
        }
    }

    private static void assertNodes(JsonObject expected, AttributionGraph graph) {
        assertEquals(expected.get("active").getAsInt(), graph.active());
        JsonArray features = expected.getAsJsonArray("features");
        assertEquals(features.size(), graph.features().length);
        for (int i = 0; i < features.size(); i++) {
            AttributionGraph.ActiveFeature own = graph.features()[i];
            assertEquals(
                    List.of(own.layer(), own.position(), own.feature()),
                    IntStream.of(numbers(features.get(i).getAsJsonArray()))
                            .boxed()
                            .toList());
            assertEquals(expected.getAsJsonArray("activations").get(i).getAsDouble(), own.activation(), NEAR);
        }
        assertEquals(
                IntStream.of(numbers(expected.getAsJsonArray("logits"))).boxed().toList(),
                IntStream.of(graph.logits()).boxed().toList());
        for (int i = 0; i < graph.logits().length; i++) {
            assertEquals(expected.getAsJsonArray("probabilities").get(i).getAsDouble(), graph.probabilities()[i], NEAR);
        }
    }

    /** Returns the row of a node in circuit-tracer's square matrix, whose errors and tokens have rows of zeros. */
    private static int node(AttributionGraph graph, int target) {
        int features = graph.features().length;
        return target < features ? target : graph.sources() + target - features;
    }

    private static void assertAdjacency(JsonArray expected, AttributionGraph graph) {
        for (int target = 0; target < graph.rows().length; target++) {
            JsonArray row = expected.get(node(graph, target)).getAsJsonArray();
            for (int source = 0; source < graph.sources(); source++) {
                assertEquals(
                        row.get(source).getAsDouble(),
                        graph.rows()[target][source],
                        NEAR,
                        "effect of " + source + " on " + target);
            }
        }
    }

    private static void assertPruned(JsonObject expected, AttributionGraph graph) {
        PrunedGraph pruned = PrunedGraph.of(graph, 0.8, 0.98);
        List<Integer> nodes = new ArrayList<>(pruned.sources().stream().boxed().toList());
        IntStream.range(0, graph.logits().length).forEach(i -> nodes.add(graph.sources() + i));
        assertEquals(
                IntStream.of(numbers(expected.getAsJsonArray("nodes"))).boxed().toList(), nodes);
        TreeSet<String> links = new TreeSet<>();
        pruned.links().forEach(link -> links.add("[" + node(graph, link.target()) + "," + link.source() + "]"));
        TreeSet<String> edges = new TreeSet<>();
        expected.getAsJsonArray("edges").forEach(edge -> edges.add("" + edge));
        assertEquals(edges, links);
        JsonArray cumulative = expected.getAsJsonArray("cumulative");
        for (int source = 0; source < graph.sources(); source++) {
            if (pruned.sources().get(source)) {
                assertEquals(cumulative.get(source).getAsDouble(), pruned.cumulative()[source], NEAR);
            }
        }
    }

    /** Copies transcoders without what their decoders add always. */
    private static float[][] withoutDecoderBias(Path from, Path to, int layers) throws IOException {
        float[][] biases = new float[layers][];
        for (int layer = 0; layer < layers; layer++) {
            String name = "layer_" + layer + ".safetensors";
            try (WeightStore store = WeightStores.open(from.resolve(name));
                    NDManager manager = Torch.manager()) {
                List<SafetensorsWriter.Tensor> tensors = new ArrayList<>();
                for (String tensor : store.tensors().keySet()) {
                    float[] values = store.read(tensor, manager).toFloatArray();
                    if (tensor.equals("b_enc")) {
                        biases[layer] = values;
                    }
                    long[] shape = store.tensors().get(tensor).shape().stream()
                            .mapToLong(Long::longValue)
                            .toArray();
                    tensors.add(new SafetensorsWriter.Tensor(
                            tensor, shape, tensor.equals("b_dec") ? new float[values.length] : values));
                }
                SafetensorsWriter.write(to.resolve(name), tensors, SafetensorsWriter.Precision.F32);
            }
        }
        Files.copy(from.resolve("config.yaml"), to.resolve("config.yaml"));
        return biases;
    }

    /** In a model without biases, a target is the sum of what enters it and of its encoder's bias. */
    @Test
    void whatEntersANodeAddsUpToIt(@TempDir Path folder) throws IOException {
        float[][] biases = withoutDecoderBias(folder("llama-relu-skip"), folder, 3);
        GraphSettings settings = new GraphSettings(5, 0.9, 10_000, 512, 0);
        try (HookedModel model = HookedModel.open(TinyModels.folder("llama"))) {
            List<LayerTranscoder> transcoders = transcoders(folder, model);
            Input prompt = Input.tokens(new int[] {1, 7, 23, 11, 42});
            AttributionGraph graph = GraphSearch.of(model, prompt, 4, transcoders, settings, FEW);
            assertTrue(graph.features().length > 50, "features are active");
            for (int target = 0; target < graph.rows().length; target++) {
                double sum = 0;
                for (float effect : graph.rows()[target]) {
                    sum += effect;
                }
                int logit = target - graph.features().length;
                if (logit >= 0) {
                    assertEquals(graph.values()[logit], sum, NEAR);
                } else {
                    AttributionGraph.ActiveFeature own = graph.features()[target];
                    assertEquals(own.activation(), sum + biases[own.layer()][own.feature()], NEAR);
                }
            }
            double[] logits = logitsLessMean(model, prompt, graph);
            for (int i = 0; i < logits.length; i++) {
                assertEquals(logits[i], graph.values()[i], NEAR);
            }
            close(transcoders);
        }
    }

    private static double[] logitsLessMean(HookedModel model, Input prompt, AttributionGraph graph) {
        try (NDManager manager = Torch.manager()) {
            float[] logits = model.outputsAt(prompt, 4, new Hooks(model.points()), manager)
                    .toFloatArray();
            double mean = IntStream.range(0, logits.length)
                    .mapToDouble(i -> logits[i])
                    .average()
                    .orElseThrow();
            return IntStream.of(graph.logits())
                    .mapToDouble(token -> logits[token] - mean)
                    .toArray();
        }
    }

    @Test
    void needsOneTranscoderPerLayer() {
        GraphSettings settings = new GraphSettings(10, 0.95, 100, 100, 1);
        try (HookedModel model = HookedModel.open(TinyModels.folder("gpt2"))) {
            List<LayerTranscoder> all = transcoders(folder("gpt2-relu"), model);
            Input prompt = Input.tokens(new int[] {1, 2, 3});
            ReplacementException refused = assertThrows(
                    ReplacementException.class,
                    () -> GraphSearch.of(model, prompt, 2, all.subList(0, 1), settings, FEW));
            assertTrue(refused.getMessage().contains("each of the model's 2 layers"), refused.getMessage());
            close(all);
        }
    }

    @Test
    void leavesNoArrays() {
        GraphSettings settings = new GraphSettings(10, 0.95, 20, 8, 1);
        try (HookedModel model = HookedModel.open(TinyModels.folder("gpt2"))) {
            List<LayerTranscoder> all = transcoders(folder("gpt2-jumprelu-skip"), model);
            Input prompt = Input.tokens(new int[] {1, 7, 9});
            NoOpenArrays.during(model, () -> GraphSearch.of(model, prompt, 2, all, settings, FEW));
            close(all);
        }
    }
}
