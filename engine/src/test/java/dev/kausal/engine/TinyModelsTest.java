package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import dev.kausal.engine.certify.Reference;
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
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every hook point of tiny random models against dumps that bench/make_tiny_models.py made from the reference. */
@ExtendWith(NoOpenArrays.class)
final class TinyModelsTest {
    private static final double TOLERANCE = 1e-5;
    /** Points that show the residual stream itself; the dumps leave them out. */
    private static final Pattern STREAM_COPIES = Pattern.compile("hook_(attn_in|[qkv]_input)$");

    private static Path folder(String name) {
        return Path.of("src/test/resources/tiny", name);
    }

    static Stream<String> decoders() {
        return TinyModels.DECODERS.stream();
    }

    static Stream<String> models() {
        return Stream.concat(TinyModels.all(), TinyModels.ADAPTERS.stream());
    }

    @ParameterizedTest
    @MethodSource("models")
    void everyHookPointIsTheReferences(String name) {
        try (HookedModel model = HookedModel.open(folder(name));
                NDManager manager = Torch.manager()) {
            for (Reference.Prompt prompt : TinyModels.reference(name).prompts()) {
                compare(model, prompt, manager);
            }
        }
    }

    private static void compare(HookedModel model, Reference.Prompt prompt, NDManager manager) {
        Hooks hooks = new Hooks(model.points());
        ActivationCache cache = hooks.capture(point -> true, manager);
        NDArray outputs = model.outputs(List.of(prompt.input(model.config())), hooks, manager);
        assertClose("outputs", prompt.output(), outputs.toFloatArray());
        TreeSet<String> unseen = new TreeSet<>(cache.names());
        unseen.remove("hook_logits");
        unseen.removeIf(point -> STREAM_COPIES.matcher(point).find());
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

    @ParameterizedTest
    @MethodSource("decoders")
    void inputsPerHeadShowTheStreamAndAnEditReachesThatHeadOnly(String name) {
        int[] prompt = {3, 17, 42, 5};
        try (HookedModel model = HookedModel.open(folder(name));
                NDManager manager = Torch.manager()) {
            Hooks watching = new Hooks(model.points());
            ActivationCache before = watching.capture("blocks.1.**", manager);
            model.logits(List.of(prompt), watching, manager);
            NDArray stream = before.get("blocks.1.hook_resid_pre");
            NDArray input = before.get("blocks.1.hook_q_input");
            assertEquals(model.config().heads(), input.getShape().get(2));
            assertEquals(
                    model.config().keyValueHeads(),
                    before.get("blocks.1.hook_k_input").getShape().get(2));
            assertTrue(input.get(":, :, 1").contentEquals(stream));

            Hooks editing = new Hooks(model.points());
            editing.edit("blocks.1.hook_q_input", (x, point) -> {
                x.set(new NDIndex(":, :, 1"), x.get(":, :, 1").mul(0.5f).add(0.3f));
                return x;
            });
            ActivationCache after = editing.capture("blocks.1.attn.hook_*", manager);
            model.logits(List.of(prompt), editing, manager);
            Hooks moved = new Hooks(model.points());
            moved.edit("blocks.1.hook_resid_pre", (x, point) -> x.muli(0.5f).addi(0.3f));
            ActivationCache wholly = moved.capture("blocks.1.attn.hook_*", manager);
            model.logits(List.of(prompt), moved, manager);
            assertNear(wholly, after, "q", ":, :, 1");
            assertNear(before, after, "q", ":, :, 0");
            assertNear(before, after, "k", ":");
        }
    }

    private static void assertNear(ActivationCache expected, ActivationCache found, String vector, String heads) {
        String name = "blocks.1.attn.hook_" + vector;
        NDArray gap = expected.get(name).get(heads).sub(found.get(name).get(heads));
        assertEquals(0, gap.abs().max().getFloat(), TOLERANCE, name + " " + heads);
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
                    69,
                    model.points().matching("**").stream()
                            .filter(point ->
                                    !STREAM_COPIES.matcher(point.name()).find())
                            .filter(point -> !point.name().equals("hook_logits"))
                            .count());
            Exception e = assertThrows(
                    UnknownHookPointException.class, () -> model.points().named("hook_pos_embed"));
            assertTrue(e.getMessage().contains("hook_pos_embed"), e.getMessage());
        }
    }

    private static void assertClose(String name, float[] expected, float[] found) {
        assertEquals(expected.length, found.length, name);
        double scale = 1; // of certificates too: the larger of 1 and the largest value there
        for (float value : expected) {
            scale = value == -Float.MAX_VALUE ? scale : Math.max(scale, Math.abs(value));
        }
        for (int i = 0; i < found.length; i++) {
            if (expected[i] == -Float.MAX_VALUE) {
                assertEquals(Float.NEGATIVE_INFINITY, found[i], name);
            } else {
                assertEquals(expected[i], found[i], TOLERANCE * scale, name + " at " + i);
            }
        }
    }
}
