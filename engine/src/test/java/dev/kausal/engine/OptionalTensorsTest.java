package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import dev.kausal.engine.errors.KausalException;
import dev.kausal.engine.family.WeightRule;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.model.ModelSource;
import dev.kausal.engine.tensor.Torch;
import dev.kausal.engine.weights.SafetensorsWriter;
import dev.kausal.engine.weights.SafetensorsWriter.Precision;
import dev.kausal.engine.weights.SafetensorsWriter.Tensor;
import dev.kausal.engine.weights.WeightStore;
import dev.kausal.engine.weights.WeightStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tensors that some models of a family lack: where the config says that this one has them, a file must hold them. */
final class OptionalTensorsTest {
    @TempDir
    Path folder;

    static List<String> models() {
        return TinyModels.all().toList();
    }

    @ParameterizedTest
    @MethodSource("models")
    void aTensorThatTheConfigAsksForIsMissed(String model) throws IOException {
        for (String name : optional(model)) {
            String message = refused(model, tensor -> tensor.matches(pattern(name)));
            assertTrue(message.matches("(?s).*hold no " + pattern(name) + ", but .*"), message);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"stablelm", "timm-vit-avg-registers", "gpt-neox"})
    void theSameInOneLayer(String model) throws IOException {
        Set<String> names = optional(model);
        assertFalse(names.isEmpty(), model);
        for (String name : names) {
            String message = refused(model, name.replace("{l}", "1")::equals);
            assertTrue(message.contains("hold no " + name.replace("{l}", "1")), message);
        }
    }

    private static String pattern(String name) {
        return name.replace(".", "\\.").replace("{l}", "\\d+");
    }

    /** Names of optional tensors that the file holds, but for the head's, which may be tied. */
    private static Set<String> optional(String model) throws IOException {
        Set<String> names = new LinkedHashSet<>();
        try (ModelSource source = ModelSource.open(TinyModels.folder(model));
                WeightStore store = WeightStores.open(TinyModels.folder(model))) {
            source.architecture().tables().stream()
                    .flatMap(table -> table.rules().stream())
                    .filter(rule -> rule.need() == WeightRule.Need.OPTIONAL)
                    .filter(rule -> !rule.parameter().name().startsWith("UNEMBED"))
                    .map(WeightRule::name)
                    .filter(name -> store.tensors().containsKey(name.replace("{l}", "1")))
                    .forEach(names::add);
        }
        return names;
    }

    private String refused(String model, Predicate<String> dropped) throws IOException {
        Path copy = Files.createTempDirectory(folder, "copy");
        Path tiny = TinyModels.folder(model);
        Files.copy(tiny.resolve("config.json"), copy.resolve("config.json"));
        try (WeightStore store = WeightStores.open(tiny);
                NDManager manager = Torch.manager()) {
            List<Tensor> kept = store.tensors().values().stream()
                    .filter(info -> !dropped.test(info.name()))
                    .map(info -> new Tensor(
                            info.name(),
                            info.shape().stream().mapToLong(Long::longValue).toArray(),
                            store.read(info.name(), manager).toFloatArray()))
                    .toList();
            SafetensorsWriter.write(copy.resolve("model.safetensors"), kept, Precision.F32);
        }
        return assertThrows(KausalException.class, () -> HookedModel.open(copy).close())
                .getMessage();
    }
}
