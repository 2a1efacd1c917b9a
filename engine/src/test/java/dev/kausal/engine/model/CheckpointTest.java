package dev.kausal.engine.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDManager;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.weights.SafetensorsWriter.Precision;
import dev.kausal.engine.weights.SafetensorsWriter.Tensor;
import dev.kausal.engine.weights.WeightStore;
import dev.kausal.engine.weights.WeightStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
    private static final Path TINY = Path.of("src/test/resources/tiny");

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"gpt2", "llama", "gpt-neox", "distilbert-masked", "bert-masked", "vit", "gemma2"})
    void aModelsTensorsAreThoseOfItsFile(String name) throws IOException {
        Files.copy(TINY.resolve(name).resolve("config.json"), folder.resolve("config.json"));
        try (HookedModel model = HookedModel.open(TINY.resolve(name))) {
            Checkpoint.write(model, folder.resolve("model.safetensors"), Precision.F32);
            try (WeightStore original = WeightStores.open(TINY.resolve(name));
                    NDManager manager = Torch.manager()) {
                for (Tensor tensor : Checkpoint.tensors(model)) {
                    float[] expected = original.read(tensor.name(), manager).toFloatArray();
                    assertArrayEquals(expected, tensor.values(), 1e-6f, tensor.name());
                    long[] shape = original.tensors().get(tensor.name()).shape().stream()
                            .mapToLong(Long::longValue)
                            .toArray();
                    assertArrayEquals(shape, tensor.shape(), tensor.name());
                }
            }
        }
        // Nothing is missing and nothing is too much.
        HookedModel.open(folder).close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"dinov2", "deit"})
    void whatIsOnlyKeptMergedIsRefused(String name) {
        try (HookedModel model = HookedModel.open(TINY.resolve(name))) {
            assertThrows(IllegalArgumentException.class, () -> Checkpoint.tensors(model));
        }
    }

    @Test
    void aConfigAloneSaysWhichTensorsThereAre() throws IOException {
        Checkpoint checkpoint = Checkpoint.of(Files.readString(TINY.resolve("gpt2/config.json")));
        try (HookedModel model = HookedModel.open(TINY.resolve("gpt2"))) {
            assertEquals(
                    Checkpoint.tensors(model).stream().map(Tensor::name).toList(),
                    checkpoint.slots().stream().map(Checkpoint.Slot::name).toList());
        }
    }
}
