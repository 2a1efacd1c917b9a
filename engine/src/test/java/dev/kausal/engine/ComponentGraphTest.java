package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import dev.kausal.engine.circuits.Circuits;
import dev.kausal.engine.circuits.Composition;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.edits.Part;
import dev.kausal.engine.graph.Component;
import dev.kausal.engine.graph.ComponentGraph;
import dev.kausal.engine.graph.Edge;
import dev.kausal.engine.graph.Port;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Torch;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Components write what the residual stream holds, and edges join what writes before to what reads after. */
@ExtendWith(NoOpenArrays.class)
final class ComponentGraphTest {
    @ParameterizedTest
    @ValueSource(strings = {"llama", "qwen3", "mistral", "phi3"})
    void componentsSumToTheStream(String name) throws Exception {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name));
                NDScope scope = new NDScope();
                NDManager manager = Torch.manager()) {
            scope.suppressNotUsedWarning();
            List<Component> components = new ComponentGraph(model.config()).components();
            Set<String> sites = components.stream()
                    .map(component -> component.writer().orElseThrow().site())
                    .collect(Collectors.toSet());
            String last = "blocks." + (model.config().layers() - 1) + ".hook_resid_post";
            Hooks hooks = new Hooks(model.points());
            ActivationCache cache = hooks.capture(
                    point -> sites.contains(point.name()) || point.name().equals(last), manager);
            model.lastLogits(List.of(new int[] {3, 1, 4, 1, 5}), hooks, manager);
            NDArray sum = cache.get(last).zerosLike();
            for (Component component : components) {
                sum = sum.add(written(cache, component.writer().orElseThrow()));
            }
            assertArrayEquals(cache.get(last).toFloatArray(), sum.toFloatArray(), 1e-4f);
        }
    }

    private static NDArray written(ActivationCache cache, Port port) {
        NDArray all = cache.get(port.site());
        return port.part() instanceof Part.Head head ? all.get(":,:," + head.head()) : all;
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama", "gptj"})
    void edgesJoinWritersToLaterReaders(String name) throws Exception {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            ModelConfig config = model.config();
            ComponentGraph graph = new ComponentGraph(config);
            int writers = graph.components().size() - config.layers() * (config.heads() + 1);
            int expected = 0;
            for (int layer = 0; layer < config.layers(); layer++) {
                int before = writers + layer * (config.heads() + 1);
                int own = config.block().order().parallel() ? 0 : config.heads();
                expected += 3 * config.heads() * before + before + own;
            }
            List<Edge> edges = graph.edges();
            assertEquals(expected, edges.size());
            assertEquals(expected, Set.copyOf(edges).size());
            for (Edge edge : edges) {
                assertTrue(model.points().has(edge.at().site()), edge.toString());
                assertFalse(edge.from().equals(edge.to()), edge.toString());
            }
        }
    }

    @Test
    void keysAndValuesAreReadByKeyValueHeads() throws Exception {
        try (HookedModel model = HookedModel.open(TinyModels.folder("llama"))) {
            ModelConfig config = model.config();
            int last = config.heads() - 1;
            List<Part> parts = new Component.Head(0, last)
                    .readers(config).stream().map(Port::part).toList();
            Part shared = new Part.Head(config.keyValueHeads() - 1);
            assertEquals(List.of(new Part.Head(last), shared, shared), parts);
        }
    }

    @Test
    void strongestCompositionsAreTheLargestScores() throws Exception {
        try (HookedModel model = HookedModel.open(TinyModels.folder("gpt2"))) {
            Circuits circuits = new Circuits(model);
            double[][][][] scores = circuits.composition(Composition.KEY);
            double most = 0;
            for (double[][][] writers : scores) {
                for (double[][] writer : writers) {
                    for (double[] readers : writer) {
                        for (double score : readers) {
                            most = Math.max(most, score);
                        }
                    }
                }
            }
            List<Circuits.ScoredEdge> strongest = circuits.strongest(Composition.KEY, 3);
            assertEquals(3, strongest.size());
            assertEquals(most, strongest.get(0).score());
            assertTrue(strongest.get(1).score() >= strongest.get(2).score());
            Component.Head from = (Component.Head) strongest.get(0).edge().from();
            Component.Head to = (Component.Head) strongest.get(0).edge().to();
            assertEquals(most, scores[from.layer()][from.head()][to.layer()][to.head()]);
        }
    }
}
