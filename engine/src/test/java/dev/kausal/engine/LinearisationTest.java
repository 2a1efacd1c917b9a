package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.forward.Linearisation;
import dev.kausal.engine.gradients.Gradients;
import dev.kausal.engine.gradients.Objective;
import dev.kausal.engine.gradients.RecordedPass;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.metrics.LogitDifference;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Torch;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rule of the backward pass against the formula that it stands for. */
@ExtendWith(NoOpenArrays.class)
final class LinearisationTest {
    private static final Linearisation NONE = Linearisation.NONE;
    private static final Linearisation NORMS = new Linearisation(
            Linearisation.Norms.FROZEN, NONE.patterns(), NONE.activations(), NONE.gates(), NONE.mlps(), NONE.softmax());
    private static final Linearisation SECANT = new Linearisation(
            NONE.norms(), NONE.patterns(), Linearisation.Activations.SECANT, NONE.gates(), NONE.mlps(), NONE.softmax());
    private static final Linearisation HALF = new Linearisation(
            NONE.norms(), NONE.patterns(), NONE.activations(), Linearisation.Gates.HALF, NONE.mlps(), NONE.softmax());

    private static Gradients found(HookedModel model, Linearisation rules, NDManager manager) {
        RecordedPass pass = new RecordedPass(
                model,
                List.of(Input.tokens(3, 17, 42, 5, 28)),
                new Hooks(model.points()),
                Objective.of(new LogitDifference(7, 11)),
                rules);
        return Gradients.of(
                pass,
                point -> point.layer() == 1 && !point.kind().inputPerHead() && point.kind() != HookKind.ATTN_IN,
                manager);
    }

    private static NDArray last(Gradients gradients, String point) {
        return gradients.get(point).get(":,4:5");
    }

    private static void assertNear(NDArray expected, NDArray found, String what) {
        double size = expected.abs().max().getFloat();
        assertTrue(size > 0, what);
        assertEquals(0, found.sub(expected).abs().max().getFloat(), 1e-5 * size, what);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama", "gemma2", "gpt-neox"})
    void theForwardPassStays(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name));
                NDManager manager = Torch.manager()) {
            double value = found(model, NONE, manager).value();
            for (Linearisation rules : List.of(NORMS, SECANT, HALF, Linearisation.RELP, Linearisation.DIRECT)) {
                assertEquals(value, found(model, rules, manager).value(), 1e-6 * Math.max(1, Math.abs(value)));
            }
        }
    }

    /** A secant's slope is the value over the input, whatever the activation. */
    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "gpt-neox"})
    void secants(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name));
                NDManager manager = Torch.manager()) {
            Gradients found = found(model, SECANT, manager);
            NDArray pre = found.activations().get("blocks.1.mlp.hook_pre");
            NDArray post = found.activations().get("blocks.1.mlp.hook_post");
            NDArray expected = found.get("blocks.1.mlp.hook_post").mul(post).div(pre);
            assertNear(expected, found.get("blocks.1.mlp.hook_pre"), "secant");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "gemma2"})
    void halvesOfGates(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name));
                NDManager manager = Torch.manager()) {
            Gradients whole = found(model, NONE, manager);
            Gradients half = found(model, HALF, manager);
            for (String side : List.of("blocks.1.mlp.hook_pre", "blocks.1.mlp.hook_pre_linear")) {
                // In the last layer, rows before the last have no gradient.
                NDArray slope = last(whole, side).div(last(whole, "blocks.1.mlp.hook_post"));
                NDArray expected =
                        last(half, "blocks.1.mlp.hook_post").mul(slope).mul(0.5f);
                assertNear(expected, last(half, side), side);
            }
        }
    }

    /** A root-mean-square norm with a constant divisor is linear. */
    @ParameterizedTest
    @ValueSource(strings = {"llama", "gemma2"})
    void constantNorms(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name));
                NDManager manager = Torch.manager()) {
            Gradients found = found(model, NORMS, manager);
            NDArray scale = found.activations().get("blocks.1.ln2.hook_scale");
            NDArray expected = found.get("blocks.1.ln2.hook_normalized").div(scale);
            NDArray through = found.get("blocks.1.hook_mlp_in");
            assertNear(expected, through, "norm");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama"})
    void constantPatternsAndMlps(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name));
                NDManager manager = Torch.manager()) {
            Gradients found = found(model, Linearisation.DIRECT, manager);
            assertTrue(found.get("blocks.1.attn.hook_pattern").abs().max().getFloat() > 0, "pattern");
            assertTrue(found.get("blocks.1.attn.hook_v").abs().max().getFloat() > 0, "values");
            for (String point : List.of("attn.hook_attn_scores", "attn.hook_q", "attn.hook_k", "mlp.hook_post")) {
                assertEquals(0, found.get("blocks.1." + point).abs().max().getFloat(), point);
            }
            assertTrue(found.get("blocks.1.hook_mlp_out").abs().max().getFloat() > 0, "output of the MLP");
        }
    }
}
