package dev.kausal.engine.certify;

import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.PatchConfig;
import dev.kausal.engine.model.HookedModel;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/** Inputs for a model without a reference: fixed texts, or token ids or pixels in their place. */
final class OwnInputs {
    static final List<String> TEXTS = List.of(
            "The Eiffel Tower is located in the city of Paris.",
            "Numbers such as 3.14 and names such as Zoë are split into several tokens.",
            "for i in range(10):\n    print(i)");

    private static final int LENGTH = 9;
    private static final int STEP = 7919;

    private OwnInputs() {}

    /** Returns two inputs that the model reads. */
    static List<Input> of(HookedModel model) {
        return IntStream.range(0, 2).mapToObj(index -> input(model, index)).toList();
    }

    private static Input input(HookedModel model, int index) {
        if (model.config().readsImages()) {
            return image(model.config(), index);
        }
        Optional<int[]> ids = model.tokenizer()
                .map(tokenizer -> tokenizer.encode(TEXTS.get(index)).ids());
        int longest = Math.min(LENGTH, model.config().context());
        if (ids.isPresent() && ids.get().length >= longest) {
            return Input.tokens(IntStream.of(ids.get()).limit(longest).toArray());
        }
        int vocabulary = model.config().vocabulary();
        return Input.tokens(IntStream.range(0, longest)
                .map(i -> (3 + (i + 1) * (index + 1) * STEP) % vocabulary)
                .toArray());
    }

    /** Returns random pixels of the model's own size, the same in every run. */
    private static Input image(ModelConfig config, int index) {
        PatchConfig shape = config.embedding().image().orElseThrow();
        Random random = new Random(index);
        float[] pixels = new float[shape.channels() * shape.rows() * shape.columns()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextGaussian();
        }
        return config.image(pixels, shape.rows(), shape.columns());
    }
}
