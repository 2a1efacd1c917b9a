package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.kausal.engine.config.Preprocessing;
import dev.kausal.engine.config.Preprocessing.Centring;
import dev.kausal.engine.config.Preprocessing.Interpolation;
import dev.kausal.engine.config.Preprocessing.Resize;
import dev.kausal.engine.config.Preprocessing.Size;
import dev.kausal.engine.errors.KausalException;
import dev.kausal.engine.images.ImageInputs;
import dev.kausal.engine.images.Picture;
import dev.kausal.engine.images.PictureFile;
import dev.kausal.engine.images.PixelLimit;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.model.ModelSource;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sizes that a small file states are checked before memory is asked for or work is begun, and refused in a sentence. */
class BelievedSizesTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final long HUGE = 3L << 30;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"crop_size\": 12000000, \"do_center_crop\": true",
                "\"crop_size\": {\"height\": 12, \"width\": 12000000}, \"do_center_crop\": true",
                "\"crop_size\": [-5, 3], \"do_center_crop\": true",
                "\"size\": 2147483647",
                "\"size\": {\"height\": 12, \"width\": 12000000}",
                "\"size\": {\"shortest_edge\": 1000000}",
            })
    void sizesOfPreprocessing(String fields) throws IOException {
        Path model = copy("vit");
        change(model.resolve("preprocessor_config.json"), fields);
        String said = refused(() -> {
            try (ModelSource source = ModelSource.open(model)) {
                source.preprocessing();
            }
        });
        assertTrue(said.contains("asks for images of"), said);
    }

    @ParameterizedTest
    @CsvSource({"llama, num_hidden_layers", "gpt2, n_layer", "bert-masked, num_hidden_layers", "vit, num_hidden_layers"
    })
    void layers(String name, String field) throws IOException {
        Path model = copy(name);
        change(model.resolve("config.json"), "\"" + field + "\": 2147483647");
        refused(() -> HookedModel.open(model).close());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"attention_types\": [null]",
                "\"attention_types\": [[null, 2]]",
                "\"attention_types\": [[[null], 2]]",
                "\"attention_types\": [[[\"global\"], 2000000000]]",
                "\"attention_layers\": [null, \"local\"]",
            })
    void kindsOfLayers(String field) throws IOException {
        Path model = copy("gpt-neo");
        Path config = model.resolve("config.json");
        JsonObject fields = JsonParser.parseString(Files.readString(config)).getAsJsonObject();
        fields.remove("attention_types");
        fields.remove("attention_layers");
        Files.writeString(config, fields.toString());
        change(config, field);
        refused(() -> HookedModel.open(model).close());
    }

    @ParameterizedTest
    @ValueSource(strings = {"config.json", "tokenizer.json", "model.safetensors.index.json"})
    void filesOfThreeGigabytes(String name) throws IOException {
        Path model = copy("llama");
        if (name.endsWith("index.json")) {
            Files.delete(model.resolve("model.safetensors"));
        }
        enlarge(model.resolve(name));
        String said = refused(() -> HookedModel.open(model).close());
        assertTrue(said.contains("bytes"), said);
    }

    @Test
    void aPictureOfThreeGigabytes() throws IOException {
        Path picture = folder.resolve("picture.png");
        enlarge(picture);
        refused(() -> PictureFile.read(picture));
        refused(() -> PictureFile.read(Path.of("/dev/zero")));
    }

    @Test
    void aLongThinPictureThatItsShorterSideEnlarges() {
        Picture thin = new Picture(1, 1_000_000, new byte[3_000_000]);
        Resize resize = new Resize.ShorterSide(224, Interpolation.BILINEAR);
        Preprocessing preprocessing = new Preprocessing(
                Optional.of(resize),
                Optional.of(new Size(224, 224)),
                Centring.HUGGING_FACE,
                1 / 255.0,
                List.of(0.5, 0.5, 0.5),
                List.of(0.5, 0.5, 0.5));
        try (ModelSource source = ModelSource.open(TinyModels.folder("vit"))) {
            ImageInputs inputs = new ImageInputs(source.config(), preprocessing);
            assertThrows(PixelLimit.Exceeded.class, () -> inputs.of(thin));
        }
    }

    private Path copy(String name) throws IOException {
        Path from = TinyModels.folder(name);
        Path to = Files.createDirectories(folder.resolve(name));
        try (var files = Files.list(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
        return to;
    }

    /** Replaces fields of a JSON object, or adds them. */
    private static void change(Path file, String fields) throws IOException {
        JsonObject before = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        JsonParser.parseString("{" + fields + "}")
                .getAsJsonObject()
                .entrySet()
                .forEach(field -> before.add(field.getKey(), field.getValue()));
        Files.writeString(file, before.toString());
    }

    /** Without taking room on the disk. */
    private static void enlarge(Path file) throws IOException {
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(HUGE);
        }
    }

    private static String refused(Runnable what) {
        KausalException said = assertTimeoutPreemptively(SOON, () -> assertThrows(KausalException.class, what::run));
        return String.valueOf(said.getMessage());
    }
}
