package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.HookHandle;
import dev.kausal.engine.hooks.HookPoint;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.hooks.UnknownHookPointException;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Torch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every hook point of tiny random models against dumps that bench/make_tiny_models.py made from the reference. */
final class TinyModelsTest {
    private static final double TOLERANCE = 2e-5;

    private static Path folder(String name) {
        return Path.of("src/test/resources/tiny", name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama-tied-bf16", "gpt2"})
    void everyHookPointIsTheReferences(String name) throws Exception {
        try (HookedModel model = HookedModel.open(folder(name));
                NDManager manager = Torch.manager()) {
            for (Dump.Prompt prompt : Dump.read(folder(name)).prompts()) {
                compare(model, prompt, manager);
            }
        }
    }

    private static void compare(HookedModel model, Dump.Prompt prompt, NDManager manager) {
        Hooks hooks = new Hooks(model.points());
        ActivationCache cache = hooks.capture(point -> true, manager);
        NDArray logits = model.logits(List.of(prompt.ids()), hooks, manager);
        assertClose("logits", prompt.outputs().get("logits"), logits.toFloatArray());
        TreeSet<String> unseen = new TreeSet<>(cache.names());
        unseen.remove("hook_logits");
        for (Map.Entry<String, float[]> entry : prompt.points().entrySet()) {
            assertClose(
                    entry.getKey(), entry.getValue(), cache.get(entry.getKey()).toFloatArray());
            unseen.remove(entry.getKey());
        }
        assertEquals(new TreeSet<>(), unseen, "points that the reference's dump lacks");
    }

    @Test
    void sequencesOfSeveralLengthsEqualSingleRuns() {
        int[] a = {3, 17, 42, 5, 28};
        int[] b = {9, 0, 52};
        try (HookedModel model = HookedModel.open(folder("llama"));
                NDManager manager = Torch.manager()) {
            float[] together = model.logits(List.of(a, b, b), manager).toFloatArray();
            float[] first = model.logits(List.of(a), manager).toFloatArray();
            float[] second = model.logits(List.of(b), manager).toFloatArray();
            for (int i = 0; i < first.length; i++) {
                assertEquals(first[i], together[i], 1e-5);
            }
            for (int i = 0; i < second.length; i++) {
                assertEquals(second[i], together[first.length + i], 1e-5);
                assertEquals(second[i], together[first.length + second.length + i], 1e-5);
            }
        }
    }

    @Test
    void hooksRunInOrderAndHandlesRemove() {
        int[] prompt = {3, 17, 42};
        try (HookedModel model = HookedModel.open(folder("gpt2"));
                NDManager manager = Torch.manager()) {
            Hooks hooks = new Hooks(model.points());
            List<String> order = new ArrayList<>();
            HookHandle first = hooks.edit("blocks.1.hook_attn_out", (x, point) -> {
                order.add("zero");
                return x.muli(0);
            });
            hooks.read(
                    "blocks.1.hook_attn_out",
                    (x, point) -> order.add("sees " + x.abs().max().getFloat()));
            float[] edited = model.logits(List.of(prompt), hooks, manager).toFloatArray();
            assertEquals(List.of("zero", "sees 0.0"), order);
            assertEquals(1, first.fired());
            first.close();
            float[] plain = model.logits(List.of(prompt), manager).toFloatArray();
            float[] removed = model.logits(List.of(prompt), hooks, manager).toFloatArray();
            assertTrue(java.util.Arrays.equals(plain, removed));
            assertTrue(!java.util.Arrays.equals(plain, edited));
        }
    }

    @Test
    void anEditInPlaceLeavesEarlierCapturesAlone() {
        try (HookedModel model = HookedModel.open(folder("gpt2"));
                NDManager manager = Torch.manager()) {
            Hooks hooks = new Hooks(model.points());
            ActivationCache before = hooks.capture("blocks.0.hook_resid_post", manager);
            hooks.edit("blocks.0.hook_resid_post", (x, point) -> x.muli(0));
            ActivationCache after = hooks.capture("blocks.1.hook_resid_pre", manager);
            model.logits(List.of(new int[] {3, 17}), hooks, manager);
            assertTrue(before.get("blocks.0.hook_resid_post").abs().max().getFloat() > 0);
            assertEquals(0, after.get("blocks.1.hook_resid_pre").abs().max().getFloat());
        }
    }

    @Test
    void namesGlobsAndWhatAModelLacks() {
        try (HookedModel model = HookedModel.open(folder("llama"))) {
            List<HookPoint> z = model.points().matching("blocks.*.attn.hook_z");
            assertEquals(List.of(0, 1, 2), z.stream().map(HookPoint::layer).toList());
            assertEquals(
                    66,
                    model.points().matching("**").stream()
                            .filter(point -> !point.name().endsWith("mlp_in"))
                            .filter(point -> !point.name().equals("hook_logits"))
                            .count());
            Exception e = assertThrows(
                    UnknownHookPointException.class, () -> model.points().named("hook_pos_embed"));
            assertTrue(e.getMessage().contains("hook_pos_embed"), e.getMessage());
        }
    }

    private static void assertClose(String name, float[] expected, float[] found) {
        assertEquals(expected.length, found.length, name);
        for (int i = 0; i < found.length; i++) {
            if (expected[i] == -Float.MAX_VALUE) {
                assertEquals(Float.NEGATIVE_INFINITY, found[i], name);
            } else {
                double scale = Math.max(1, Math.abs(expected[i]));
                assertEquals(expected[i], found[i], TOLERANCE * scale, name + " at " + i);
            }
        }
    }
}
