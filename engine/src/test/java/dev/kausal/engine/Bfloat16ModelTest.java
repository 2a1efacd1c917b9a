package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.certify.Reference;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.family.LowPrecisionException;
import dev.kausal.engine.family.Placement;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.model.ModelSource;
import dev.kausal.engine.tensor.Precision;
import dev.kausal.engine.tensor.Torch;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Models whose products with weights are in bfloat16, against the same models in float32. */
@ExtendWith(NoOpenArrays.class)
final class Bfloat16ModelTest {
    /** Of the largest output: roundings of 8 bits, through two layers. */
    private static final double TOLERANCE = 0.05;

    private static final int[] PROMPT = {3, 17, 5, 11, 29};

    static Stream<String> models() {
        return TinyModels.all();
    }

    private static HookedModel open(String name, Placement placement) {
        Torch.inference();
        try (ModelSource source = ModelSource.open(TinyModels.folder(name))) {
            return source.load(placement, Precision.BFLOAT16);
        }
    }

    private static float[] outputs(HookedModel model, Input input, Hooks hooks) {
        try (NDManager manager = Torch.manager()) {
            return model.outputs(List.of(input), hooks, manager).toFloatArray();
        }
    }

    private static double gap(float[] expected, float[] found) {
        assertEquals(expected.length, found.length);
        double size = 0;
        double gap = 0;
        for (int i = 0; i < expected.length; i++) {
            size = Math.max(size, Math.abs(expected[i]));
            gap = Math.max(gap, Math.abs(expected[i] - found[i]));
        }
        return gap / size;
    }

    @ParameterizedTest
    @MethodSource("models")
    void outputsAreNearTheReferencesButNotFloat32(String name) {
        try (HookedModel model = open(name, Placement.RESIDENT);
                HookedModel streamed = open(name, Placement.streaming(0))) {
            assertEquals(Precision.BFLOAT16, model.weights().precision());
            for (Reference.Prompt prompt : TinyModels.reference(name).prompts()) {
                Input input = prompt.input(model.config());
                float[] found = outputs(model, input, new Hooks(model.points()));
                double gap = gap(prompt.output(), found);
                assertTrue(gap < TOLERANCE, name + " is off by " + gap + " of its largest output");
                assertTrue(gap > 1e-5, name + " has no rounding to bfloat16: " + gap);
                double between = gap(found, outputs(streamed, input, new Hooks(streamed.points())));
                assertTrue(between < TOLERANCE / 10, name + ", streamed, is off by " + between);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void readingHeadsOutputsChangesNothingBeyondRounding(String name) {
        try (HookedModel model = open(name, Placement.RESIDENT);
                NDManager manager = Torch.manager()) {
            Input input = TinyModels.reference(name).prompts().get(0).input(model.config());
            float[] plain = outputs(model, input, new Hooks(model.points()));
            Hooks hooks = new Hooks(model.points());
            hooks.capture(point -> point.kind() == HookKind.RESULT, manager);
            double gap = gap(plain, outputs(model, input, hooks));
            assertTrue(gap < TOLERANCE / 10, name + " changes by " + gap);
        }
    }

    @Test
    void weightsAreReadInFloat32OrRefused() {
        try (HookedModel model = open("llama", Placement.RESIDENT);
                HookedModel exact = HookedModel.open(TinyModels.folder("llama"));
                HookedModel ungrouped = model.ungrouped();
                HookedModel random = model.withRandomWeights(1);
                NDManager manager = Torch.manager()) {
            NDArray found = model.weights().layers().get(0).output().float32();
            found.attach(manager);
            double gap = gap(exact.weights().layers().get(0).output().float32().toFloatArray(), found.toFloatArray());
            assertTrue(gap > 0 && gap <= Precision.BFLOAT16.unit(), "rounded by " + gap);
            float[] plain = outputs(model, Input.tokens(PROMPT), new Hooks(model.points()));
            double apart = gap(plain, outputs(ungrouped, Input.tokens(PROMPT), new Hooks(ungrouped.points())));
            assertTrue(apart < TOLERANCE / 10, "ungrouped is off by " + apart);
            assertTrue(gap(plain, outputs(random, Input.tokens(PROMPT), new Hooks(random.points()))) > 0.5);
            String refused = assertThrows(LowPrecisionException.class, model.weights()::parameters)
                    .getMessage();
            assertTrue(refused.contains("--precision bfloat16"), refused);
        }
    }
}
