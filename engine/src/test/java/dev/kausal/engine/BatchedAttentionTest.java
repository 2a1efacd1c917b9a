package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.HookKind;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Torch;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attention of sequences of several lengths in one pass is that of each by itself: nothing is padded, none sees another. */
final class BatchedAttentionTest {
    private static final List<HookKind> KINDS =
            List.of(HookKind.Q, HookKind.K, HookKind.ATTN_SCORES, HookKind.PATTERN, HookKind.Z);

    @ParameterizedTest
    @ValueSource(strings = {"bert-masked", "roberta-masked", "distilbert-masked", "minilm", "llama", "vit"})
    void equalsSingleRuns(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name));
                NDManager manager = Torch.manager()) {
            List<Input> inputs = model.config().readsImages()
                    ? images(model)
                    : List.of(tokens(model, 5), tokens(model, 2), tokens(model, 7));
            ActivationCache together = captured(model, inputs, manager);
            for (int i = 0; i < inputs.size(); i++) {
                ActivationCache alone = captured(model, List.of(inputs.get(i)), manager);
                for (String point : alone.names()) {
                    assertEquals(inputs.size(), together.segments(point).size());
                    NDArray expected = alone.get(point);
                    NDArray found = together.segments(point).get(i);
                    assertEquals(expected.getShape(), found.getShape(), point);
                    assertArrayEquals(expected.toFloatArray(), found.toFloatArray(), 1e-5f, point);
                }
            }
        }
    }

    private static ActivationCache captured(HookedModel model, List<Input> inputs, NDManager manager) {
        Hooks hooks = new Hooks(model.points());
        ActivationCache cache = hooks.capture(point -> KINDS.contains(point.kind()), manager);
        model.outputs(inputs, hooks, manager).close();
        return cache;
    }

    private static Input tokens(HookedModel model, int length) {
        Random random = new Random(length);
        return Input.tokens(IntStream.range(0, length)
                .map(i -> random.nextInt(model.config().vocabulary()))
                .toArray());
    }

    /** Of several sizes: position embeddings are resampled, and there are more or fewer patches. */
    private static List<Input> images(HookedModel model) {
        Random random = new Random(7);
        return IntStream.of(8, 4, 12)
                .mapToObj(side -> {
                    float[] pixels = new float[3 * side * 12];
                    for (int i = 0; i < pixels.length; i++) {
                        pixels[i] = (float) random.nextGaussian();
                    }
                    return model.config().image(pixels, side, 12);
                })
                .toList();
    }
}
