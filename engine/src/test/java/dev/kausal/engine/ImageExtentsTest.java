package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.tensor.Torch;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Images of as many patches, which lie otherwise, are different places though their positions have the same numbers. */
final class ImageExtentsTest {
    static Stream<String> models() {
        return TinyModels.VISION.stream().filter(name -> !name.startsWith("timm"));
    }

    @ParameterizedTest
    @MethodSource("models")
    void imagesOfAsManyPatchesTogetherAreAsApart(String name) {
        try (HookedModel model = HookedModel.open(TinyModels.folder(name));
                NDManager manager = Torch.manager()) {
            List<Input> images =
                    List.of(image(model, 8, 8), image(model, 4, 16), image(model, 16, 4), image(model, 8, 8));
            float[] together = outputs(model, images, manager);
            int each = together.length / images.size();
            for (int i = 0; i < images.size(); i++) {
                float[] apart = outputs(model, List.of(images.get(i)), manager);
                assertArrayEquals(apart, Arrays.copyOfRange(together, i * each, (i + 1) * each), 2e-5f, "image " + i);
            }
        }
    }

    private static float[] outputs(HookedModel model, List<Input> inputs, NDManager manager) {
        NDArray outputs = model.outputs(inputs, new Hooks(model.points()), manager);
        return outputs.toFloatArray();
    }

    private static Input image(HookedModel model, int rows, int columns) {
        float[] pixels = new float[3 * rows * columns];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) Math.sin(i * 0.7);
        }
        return model.config().image(pixels, rows, columns);
    }
}
