package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.hooks.ActivationCache;
import dev.kausal.engine.hooks.Hooks;
import dev.kausal.engine.images.ImageInputs;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.model.ModelSource;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.weights.WeightStore;
import dev.kausal.engine.weights.WeightStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Folders of vision models in the shapes that people have, against what the library gives for the same folder. */
final class VisionFilesTest {
    private static final Path FOLDER = Path.of("src/test/resources/vision");
    private static final Path PICTURE = Path.of("src/test/resources/tiny/image.png");
    private static final double TOLERANCE = 1e-5;

    static Stream<String> cases() throws IOException {
        try (Stream<Path> folders = Files.list(FOLDER)) {
            return folders.map(folder -> folder.getFileName().toString()).sorted().toList().stream();
        }
    }

    private record Expected(Map<String, float[]> values, long[] pixels) {
        static Expected of(String name) {
            Path file = FOLDER.resolve(name).resolve("expected.safetensors");
            Map<String, float[]> values = new LinkedHashMap<>();
            try (WeightStore store = WeightStores.open(file);
                    NDManager manager = Torch.manager()) {
                store.tensors()
                        .keySet()
                        .forEach(key -> values.put(key, store.read(key, manager).toFloatArray()));
                long[] shape = store.tensors().get("pixel_values").shape().stream()
                        .mapToLong(Long::longValue)
                        .toArray();
                return new Expected(values, shape);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void outputsAreTheLibrarys(String name) {
        Expected expected = Expected.of(name);
        try (HookedModel model = HookedModel.open(FOLDER.resolve(name));
                NDManager manager = Torch.manager()) {
            Input input = model.config().image(expected.values().get("pixel_values"), (int) expected.pixels()[1], (int)
                    expected.pixels()[2]);
            Hooks hooks = new Hooks(model.points());
            ActivationCache cache = hooks.capture(point -> point.name().equals("pooler.hook_pooler_out"), manager);
            NDArray outputs = model.outputs(List.of(input), hooks, manager);
            String key = expected.values().containsKey("logits") ? "logits" : "last_hidden_state";
            close(name + " " + key, expected.values().get(key), outputs.toFloatArray());
            boolean pools = cache.names().contains("pooler.hook_pooler_out");
            if (pools && expected.values().containsKey("pooler_output")) {
                float[] pooled = cache.get("pooler.hook_pooler_out").toFloatArray();
                close(name + " pooler", expected.values().get("pooler_output"), pooled);
            }
        }
    }

    /** From the picture's file on, where the folder says what becomes of it. */
    @ParameterizedTest
    @MethodSource("cases")
    void pixelsAreTheProcessors(String name) {
        try (ModelSource source = ModelSource.open(FOLDER.resolve(name))) {
            Map<String, float[]> values = Expected.of(name).values();
            source.preprocessing().filter(any -> !values.containsKey("drawn")).ifPresent(preprocessing -> {
                ImageInputs.Seen seen = new ImageInputs(source.config(), preprocessing).read(PICTURE);
                float[] expected = values.get("pixel_values");
                close(name, expected, seen.input().image().pixels());
            });
        }
    }

    @Test
    void aPoolerThatTheFileLacksIsNoHookPoint() {
        assertEquals(Optional.empty(), pooler("vit-no-pooler"));
        assertEquals(Optional.of("pooler.hook_pooler_out"), pooler("vit-pooler"));
    }

    private static Optional<String> pooler(String name) {
        try (ModelSource source = ModelSource.open(FOLDER.resolve(name))) {
            return source.points().all().stream()
                    .map(point -> point.name())
                    .filter(point -> point.startsWith("pooler"))
                    .findFirst();
        }
    }

    static void close(String what, float[] expected, float[] found) {
        assertEquals(expected.length, found.length, what);
        double largest = 1;
        double difference = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs(expected[i] - found[i]));
        }
        assertTrue(difference / largest < TOLERANCE, what + ": " + difference / largest);
    }
}
