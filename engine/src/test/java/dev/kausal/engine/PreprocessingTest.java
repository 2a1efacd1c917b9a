package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.kausal.engine.config.Preprocessing;
import dev.kausal.engine.config.Preprocessing.Interpolation;
import dev.kausal.engine.config.Preprocessing.Resize;
import dev.kausal.engine.config.Preprocessing.Size;
import dev.kausal.engine.errors.KausalException;
import dev.kausal.engine.model.ModelSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the tiny vision models' files say of pictures, in each of the words that such files use. */
final class PreprocessingTest {
    @TempDir
    Path folder;

    private static final List<Double> IMAGENET_MEAN = List.of(0.485, 0.456, 0.406);
    private static final List<Double> IMAGENET_DEVIATION = List.of(0.229, 0.224, 0.225);

    private static Optional<Preprocessing> of(String name) {
        try (ModelSource source = ModelSource.open(TinyModels.folder(name))) {
            return source.preprocessing();
        }
    }

    @Test
    void aStretch() {
        Preprocessing vit = of("vit").orElseThrow();
        assertEquals(Optional.of(new Resize.Stretch(new Size(12, 12), Interpolation.BILINEAR)), vit.resize());
        assertEquals(Optional.empty(), vit.crop());
        assertEquals(1 / 255.0, vit.scale(), 1e-12);
        assertEquals(List.of(0.5, 0.4, 0.6), vit.deviation());
    }

    @Test
    void olderFilesGiveOneNumberForBothSides() {
        Preprocessing deit = of("deit").orElseThrow();
        assertEquals(Optional.of(new Resize.Stretch(new Size(15, 15), Interpolation.BICUBIC)), deit.resize());
        assertEquals(Optional.of(new Size(12, 12)), deit.crop());
        assertEquals(1 / 255.0, deit.scale(), 1e-12);
        assertEquals(IMAGENET_MEAN, deit.mean());
    }

    @Test
    void theShorterSideAndACrop() {
        Preprocessing dino = of("dinov2").orElseThrow();
        assertEquals(Optional.of(new Resize.ShorterSide(14, Interpolation.BICUBIC)), dino.resize());
        assertEquals(Optional.of(new Size(12, 12)), dino.crop());
        assertEquals(IMAGENET_DEVIATION, dino.deviation());
    }

    @Test
    void timmKeepsItInTheModelsConfig() {
        Preprocessing timm = of("timm-vit").orElseThrow();
        // floor(12 / 0.9)
        assertEquals(Optional.of(new Resize.ShorterSide(13, Interpolation.BICUBIC)), timm.resize());
        assertEquals(Optional.of(new Size(12, 12)), timm.crop());
        assertEquals(List.of(0.5, 0.45, 0.4), timm.mean());
        assertEquals(List.of(0.25, 0.3, 0.35), timm.deviation());
    }

    @Test
    void channelsThatNoPictureHasAreRefusedByField() throws IOException {
        Exception e = assertThrows(KausalException.class, () -> changed("vit", "num_channels", "4"));
        assertTrue(e.getMessage().contains("'num_channels' is 4"), e.getMessage());
        assertTrue(e.getMessage().contains("1 (grey) and 3 (red, green, blue)"), e.getMessage());
    }

    @Test
    void meansOfOtherChannelsAreRefused() throws IOException {
        Exception e = assertThrows(KausalException.class, () -> changed("vit", "num_channels", "1"));
        assertTrue(e.getMessage().contains("Set a list of 1 numbers"), e.getMessage());
    }

    @Test
    void aProcessorOfAnotherClassIsRefused() throws IOException {
        Path copy = copy("vit");
        Files.writeString(
                copy.resolve("preprocessor_config.json"),
                "{\"image_processor_type\": \"ConvNextImageProcessor\", \"crop_pct\": 0.9}");
        try (ModelSource source = ModelSource.open(copy)) {
            Exception e = assertThrows(KausalException.class, source::preprocessing);
            assertTrue(e.getMessage().contains("'image_processor_type' is ConvNextImageProcessor"), e.getMessage());
        }
    }

    private Path copy(String name) throws IOException {
        Path copy = Files.createDirectories(folder.resolve(name));
        for (String file : List.of("config.json", "model.safetensors", "preprocessor_config.json")) {
            Files.copy(TinyModels.folder(name).resolve(file), copy.resolve(file));
        }
        return copy;
    }

    private void changed(String name, String field, String value) throws IOException {
        Path copy = copy(name);
        JsonObject config = JsonParser.parseString(Files.readString(copy.resolve("config.json")))
                .getAsJsonObject();
        config.add(field, JsonParser.parseString(value));
        Files.writeString(copy.resolve("config.json"), config.toString());
        try (ModelSource source = ModelSource.open(copy)) {
            source.preprocessing();
        }
    }

    @Test
    void modelsOfTokensHaveNone() {
        assertEquals(Optional.empty(), of("gpt2"));
    }
}
