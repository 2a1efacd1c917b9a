package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import com.google.gson.Gson;
import dev.kausal.engine.circuits.CircuitUndefinedException;
import dev.kausal.engine.circuits.Circuits;
import dev.kausal.engine.circuits.Composition;
import dev.kausal.engine.circuits.FactoredMatrix;
import dev.kausal.engine.model.HookedModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Virtual weights against TransformerLens's composition scores, by bench/circuits.py, and what must hold of matrices. */
@ExtendWith(NoOpenArrays.class)
final class CircuitsTest {
    private record Reference(Map<String, Tiny> tiny, Real smollm2) {}

    private record Tiny(Map<String, double[][][][]> composition, double[] copying) {}

    /** {@code copying}: the layer, then one score per head. */
    private record Real(int[][] writers, Map<String, double[][][]> composition, double[][] copying) {}

    private static final Map<String, Composition> KINDS =
            Map.of("Q", Composition.QUERY, "K", Composition.KEY, "V", Composition.VALUE);

    private static Reference reference() throws Exception {
        Path file = Path.of("src/test/resources/analysis/circuits.json");
        return new Gson().fromJson(Files.readString(file), Reference.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama", "qwen2", "gpt-neox"})
    void scoresOfTinyModelsAreTheReferences(String name) throws Exception {
        Tiny expected = reference().tiny().get(name);
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            Circuits circuits = new Circuits(model);
            for (Map.Entry<String, Composition> kind : KINDS.entrySet()) {
                double[][][][] found = circuits.composition(kind.getValue());
                double[][][][] all = expected.composition().get(kind.getKey());
                for (int layer = 0; layer < all.length; layer++) {
                    for (int head = 0; head < all[layer].length; head++) {
                        assertNear(all[layer][head], found[layer][head], kind.getKey());
                    }
                }
            }
            for (int i = 0; i < expected.copying().length; i++) {
                int heads = model.config().heads();
                assertEquals(expected.copying()[i], circuits.copyingScore(i / heads, i % heads), 1e-4);
            }
        }
    }

    @Test
    void scoresOfSmolLm2AreTheReferences() throws Exception {
        Real expected = reference().smollm2();
        try (HookedModel model = HookedModel.open(RealModels.smolLm2())) {
            Circuits circuits = new Circuits(model);
            double[][][][] found = circuits.composition(Composition.QUERY);
            for (int i = 0; i < expected.writers().length; i++) {
                int[] writer = expected.writers()[i];
                assertNear(expected.composition().get("Q")[i], found[writer[0]][writer[1]], "Q");
            }
            double[] copying = expected.copying()[0];
            assertEquals(copying[1], circuits.copyingScore((int) copying[0], 0), 1e-3);
        }
    }

    @Test
    void factorsGiveWhatTheWholeMatrixGives() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("llama"));
                NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            Circuits circuits = new Circuits(model);
            FactoredMatrix ov = circuits.ov(0, 3);
            FactoredMatrix qk = circuits.unrotatedQk(1, 2);
            NDArray both = ov.product().matMul(qk.product());
            assertEquals(0, both.sub(ov.times(qk).product()).abs().max().getFloat(), 1e-5);
            assertEquals(both.square().sum().sqrt().getFloat(), ov.times(qk).norm(), 1e-4);
            assertEquals(
                    0,
                    qk.product()
                            .transpose()
                            .sub(qk.transpose().product())
                            .abs()
                            .max()
                            .getFloat());
            double trace = 0;
            for (double[] value : ov.eigenvalues()) {
                trace += value[0];
            }
            double diagonal = 0;
            for (int i = 0; i < model.config().dModel(); i++) {
                diagonal += ov.product().getFloat(i, i);
            }
            assertEquals(diagonal, trace, 1e-4);
            // Query heads 2 and 3 share the second of two key-value heads; 0 and 1 the first.
            NDArray shared = circuits.ov(0, 2).left();
            assertEquals(0, shared.sub(ov.left()).abs().max().getFloat());
            assertNotEquals(0, shared.sub(circuits.ov(0, 1).left()).abs().max().getFloat());
        }
    }

    @Test
    void whatIsNoFixedMatrixSaysSo() {
        says("llama", "rotates queries and keys", circuits -> circuits.qk(0, 0));
        says("bert-masked", "norm the residual stream itself", circuits -> circuits.ov(0, 0));
        says("gemma2", "norm the attention output", circuits -> circuits.ov(0, 0));
        says("timm-vit-qk-norm", "norms queries and keys", circuits -> circuits.qk(0, 0));
        says("vit", "token-to-logit circuit", circuits -> circuits.fullOv(0, 0));
        try (HookedModel model = HookedModel.open(TinyModels.folder("gpt2"));
                NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            assertEquals(20, new Circuits(model).qk(1, 3).product().getShape().get(1));
        }
    }

    private static void says(String name, String part, java.util.function.Consumer<Circuits> asked) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            Exception e = assertThrows(CircuitUndefinedException.class, () -> asked.accept(new Circuits(model)));
            assertTrue(e.getMessage().contains(part), e.getMessage());
        }
    }

    @Test
    void nothingStaysBehind() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("gpt2"))) {
            Circuits circuits = new Circuits(model);
            NoOpenArrays.during(model, () -> {
                for (Composition kind : Composition.values()) {
                    circuits.composition(kind);
                }
                circuits.copyingScore(1, 2);
            });
        }
    }

    private static void assertNear(double[][] expected, double[][] found, String kind) {
        for (int layer = 0; layer < expected.length; layer++) {
            for (int head = 0; head < expected[layer].length; head++) {
                assertEquals(expected[layer][head], found[layer][head], 1e-5, kind + " " + layer + "." + head);
            }
        }
    }
}
