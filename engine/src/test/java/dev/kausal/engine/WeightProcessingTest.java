package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.Parameter;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.model.WeightProcessing;
import dev.kausal.engine.tensor.Torch;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processed weights must be another way to write the same function. */
@ExtendWith(NoOpenArrays.class)
final class WeightProcessingTest {
    private static final List<Input> INPUTS = List.of(Input.tokens(3, 17, 42, 5), Input.tokens(9, 0));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gpt2",
                "llama",
                "gpt-neox",
                "gpt-neox-sequential",
                "gptj",
                "gpt-neo",
                "opt",
                "mistral",
                "qwen2",
                "qwen3",
                "smollm3",
                "phi3"
            })
    void foldedNormsComputeTheSame(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name));
                HookedModel folded = WeightProcessing.foldNorms(model);
                NDManager manager = Torch.manager()) {
            assertSame(outputs(model, manager), outputs(folded, manager));
            NDArray gain = folded.weights().layers().get(0).ln1Gain();
            assertEquals(0, gain.sub(1).abs().max().getFloat());
            assertTrue(
                    model.weights().layers().get(0).ln1Gain().sub(1).abs().max().getFloat() > 0, "the given one stays");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "gpt-neox", "gptj", "gpt-neo", "opt"})
    void centredWritingComputesTheSameOnAStreamOfMeanZero(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name));
                HookedModel centred = WeightProcessing.centreWriting(model);
                NDManager manager = Torch.manager()) {
            assertSame(outputs(model, manager), outputs(centred, manager));
            Hooks hooks = new Hooks(centred.points());
            ActivationCache cache = hooks.capture("blocks.1.hook_resid_post", manager);
            centred.outputs(INPUTS.subList(0, 1), hooks, manager);
            NDArray means = cache.get("blocks.1.hook_resid_post").mean(new int[] {-1});
            assertEquals(0, means.abs().max().getFloat(), 1e-5);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama", "gptj"})
    void aCentredUnembeddingKeepsProbabilities(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name));
                HookedModel centred = WeightProcessing.centreUnembedding(model);
                NDManager manager = Torch.manager()) {
            NDArray logits = outputs(centred, manager);
            assertSame(outputs(model, manager).logSoftmax(-1), logits.logSoftmax(-1));
            assertEquals(0, logits.mean(new int[] {-1}).abs().max().getFloat(), 1e-5);
        }
    }

    @Test
    void stepsFollowOneAnotherAndLeaveNothingBehind() {
        try (HookedModel model = HookedModel.open(TinyModels.folder("gpt2"))) {
            try (HookedModel folded = WeightProcessing.foldNorms(model);
                    HookedModel centred = WeightProcessing.centreWriting(folded);
                    HookedModel both = WeightProcessing.centreUnembedding(centred);
                    NDManager manager = Torch.manager()) {
                assertSame(
                        outputs(model, manager).logSoftmax(-1),
                        outputs(both, manager).logSoftmax(-1));
                NDArray means = both.weights().get(Parameter.EMBED).mean(new int[] {-1});
                assertEquals(0, means.abs().max().getFloat(), 1e-6);
            }
        }
    }

    @Test
    void aStepThatWouldChangeTheModelIsRefused() {
        refuses("olmo2", "residual stream itself", WeightProcessing::foldNorms);
        refuses("bert-masked", "residual stream itself", WeightProcessing::foldNorms);
        refuses("dinov2", "not one projection", WeightProcessing::foldNorms);
        refuses("llama", "RMSNorm keeps the mean", WeightProcessing::centreWriting);
        refuses("bert-masked", "have no norm first", WeightProcessing::centreWriting);
        refuses("gemma2", "capped", WeightProcessing::centreUnembedding);
        refuses("minilm", "it has none", WeightProcessing::centreUnembedding);
    }

    private static void refuses(String name, String part, UnaryOperator<HookedModel> step) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name))) {
            Exception e = assertThrows(WeightProcessing.Undefined.class, () -> step.apply(model));
            assertTrue(e.getMessage().contains(part), e.getMessage());
        }
    }

    private static NDArray outputs(HookedModel model, NDManager manager) {
        return model.outputs(INPUTS, new Hooks(model.points()), manager);
    }

    private static void assertSame(NDArray expected, NDArray found) {
        float size = Math.max(1, expected.abs().max().getFloat());
        assertEquals(0, expected.sub(found).abs().max().getFloat(), 1e-5 * size);
    }
}
