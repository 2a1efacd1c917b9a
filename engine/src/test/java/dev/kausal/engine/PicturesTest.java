package dev.kausal.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.Preprocessing;
import dev.kausal.engine.config.Preprocessing.Centring;
import dev.kausal.engine.config.Preprocessing.Interpolation;
import dev.kausal.engine.config.Preprocessing.Resize;
import dev.kausal.engine.config.Preprocessing.Size;
import dev.kausal.engine.images.ImageInputs;
import dev.kausal.engine.images.NotAPictureException;
import dev.kausal.engine.images.Picture;
import dev.kausal.engine.images.PictureDamagedException;
import dev.kausal.engine.images.PictureException;
import dev.kausal.engine.images.PictureFile;
import dev.kausal.engine.images.PictureTooLargeException;
import dev.kausal.engine.images.PictureUnsupportedException;
import dev.kausal.engine.model.HookedModel;
import dev.kausal.engine.model.ModelSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Pictures of every kind against what Pillow, transformers and timm make of them; see bench/make_pictures.py. */
final class PicturesTest {
    private static final Path FOLDER = Path.of("src/test/resources/pictures");
    private static final JsonObject EXPECTED = expected();
    /** Levels of 255: decoders of JPEG round the cosine transform and the colours each in their own way. */
    private static final int JPEG_LEVELS = 1;

    private static JsonObject expected() {
        try {
            return new Gson().fromJson(Files.readString(FOLDER.resolve("expected.json")), JsonObject.class);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static Stream<String> good() {
        return EXPECTED.getAsJsonObject("decoded").keySet().stream();
    }

    static Stream<JsonObject> processed() {
        return StreamSupport.stream(EXPECTED.getAsJsonArray("processed").spliterator(), false)
                .map(element -> element.getAsJsonObject());
    }

    private static int largest(byte[] expected, byte[] found) {
        assertEquals(expected.length, found.length);
        int largest = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs((expected[i] & 0xff) - (found[i] & 0xff)));
        }
        return largest;
    }

    @ParameterizedTest
    @MethodSource("good")
    void filesDecodeToWhatPillowMakesOfThem(String name) {
        JsonObject expected = EXPECTED.getAsJsonObject("decoded").getAsJsonObject(name);
        Picture found = PictureFile.read(FOLDER.resolve(name));
        assertEquals(expected.get("rows").getAsInt(), found.rows());
        assertEquals(expected.get("columns").getAsInt(), found.columns());
        int largest = largest(bytes(expected, "rgb"), found.rgb());
        assertTrue(largest <= (name.matches(".*\\.jpg|jpeg.*") ? JPEG_LEVELS : 0), name + " differs by " + largest);
    }

    private static byte[] bytes(JsonObject object, String field) {
        return Base64.getDecoder().decode(object.get(field).getAsString());
    }

    @ParameterizedTest
    @MethodSource("processed")
    void processingIsTheReferences(JsonObject expected) {
        Preprocessing preprocessing = preprocessing(expected.getAsJsonObject("settings"));
        String file = expected.get("file").getAsString();
        Input input;
        try (ModelSource source = ModelSource.open(TinyModels.folder("vit"))) {
            input = new ImageInputs(source.config(), preprocessing)
                    .read(FOLDER.resolve(file))
                    .input();
        }
        float[] values = new float[input.image().pixels().length];
        ByteBuffer.wrap(bytes(expected, "values"))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer()
                .get(values);
        double level = 1 / 255.0 / 0.224;
        double tolerance = file.endsWith(".jpg") ? JPEG_LEVELS * 1.001 * level : 1e-6;
        assertArrayEquals(values, input.image().pixels(), (float) tolerance, expected.get("processor") + " " + file);
    }

    private static Preprocessing preprocessing(JsonObject settings) {
        List<Double> mean = EXPECTED.getAsJsonArray("mean").asList().stream()
                .map(e -> e.getAsDouble())
                .toList();
        List<Double> deviation = EXPECTED.getAsJsonArray("std").asList().stream()
                .map(e -> e.getAsDouble())
                .toList();
        if (settings.has("crop_pct")) {
            Interpolation interpolation = Interpolation.valueOf(
                    settings.get("interpolation").getAsString().toUpperCase(Locale.ROOT));
            int shorter = (int) Math.floor(12 / settings.get("crop_pct").getAsDouble());
            return new Preprocessing(
                    Optional.of(new Resize.ShorterSide(shorter, interpolation)),
                    Optional.of(new Size(12, 12)),
                    Centring.TORCHVISION,
                    1 / 255.0,
                    mean,
                    deviation);
        }
        Interpolation interpolation = switch (settings.get("resample").getAsInt()) {
            case 0 -> Interpolation.NEAREST;
            case 2 -> Interpolation.BILINEAR;
            default -> Interpolation.BICUBIC;
        };
        JsonObject size = settings.getAsJsonObject("size");
        Resize resize = size.has("shortest_edge")
                ? new Resize.ShorterSide(size.get("shortest_edge").getAsInt(), interpolation)
                : new Resize.Stretch(size(size), interpolation);
        Optional<Size> crop =
                Optional.ofNullable(settings.getAsJsonObject("crop_size")).map(PicturesTest::size);
        return new Preprocessing(Optional.of(resize), crop, Centring.HUGGING_FACE, 1 / 255.0, mean, deviation);
    }

    private static Size size(JsonObject size) {
        return new Size(size.get("height").getAsInt(), size.get("width").getAsInt());
    }

    @ParameterizedTest
    @MethodSource("tinyVision")
    void theTinyModelsSeeThePictureAsTheirProcessorsMadeIt(String name, @TempDir Path folder) throws IOException {
        try (ModelSource source = ModelSource.open(TinyModels.folder(name))) {
            Optional<Preprocessing> preprocessing = source.preprocessing();
            if (preprocessing.isEmpty()) {
                return;
            }
            var seen = new ImageInputs(source.config(), preprocessing.get())
                    .read(Path.of("src/test/resources/tiny/image.png"));
            float[] expected =
                    TinyModels.reference(name).prompts().get(0).inputs().get("pixel_values");
            // What is not rounded to levels has the rounding of 32 bits.
            float tolerance = preprocessing.get().rescalesFirst() ? 5e-6f : 1e-6f;
            assertArrayEquals(expected, seen.input().image().pixels(), tolerance);
            Path kept = Files.write(folder.resolve(name + ".png"), seen.png());
            ImageInputs.Seen again = new ImageInputs(source.config(), preprocessing.get()).again(kept);
            assertEquals(seen.input(), again.input(), "what a bundle keeps of the picture");
        }
    }

    static Stream<String> tinyVision() {
        return TinyModels.VISION.stream();
    }

    @Test
    void anOwnPngHoldsTheSamePixels(@TempDir Path folder) throws IOException {
        try (HookedModel model = HookedModel.open(TinyModels.folder("vit"))) {
            ModelConfig config = model.config();
            Preprocessing plain = new Preprocessing(
                    Optional.empty(),
                    Optional.of(new Size(20, 28)),
                    Centring.HUGGING_FACE,
                    1,
                    List.of(0.0, 0.0, 0.0),
                    List.of(1.0, 1.0, 1.0));
            ImageInputs.Seen seen = new ImageInputs(config, plain).read(FOLDER.resolve("rgb.png"));
            Path copy = Files.write(folder.resolve("copy.png"), seen.png());
            assertEquals(seen.picture(), PictureFile.read(copy));
            assertEquals(seen.picture().at(19, 27, 2), seen.input().image().pixels()[3 * 20 * 28 - 1]);
        }
    }

    /** Pillow clips such samples at 255, which leaves this picture white but for its first pixels. */
    @Test
    void greyOfSixteenBitsKeepsItsHighByte() {
        Picture found = PictureFile.read(FOLDER.resolve("grey-16.png"));
        for (int pixel = 0; pixel < found.rows() * found.columns(); pixel++) {
            assertEquals((pixel * 200) >> 8, found.rgb()[3 * pixel] & 0xff);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "truncated.png, 'damaged: chunk IDAT extends beyond'",
        "truncated.jpg, 'damaged: it ends in the middle'",
        "headless.jpg, 'damaged: it ends after 40 bytes, before any pixel'",
        "flipped-bits.png, 'damaged: the checksum of chunk IDAT is wrong'",
        "no-pixels.png, 'damaged: it has no pixels'",
        "truncated.gif, 'damaged: it ends before its end marker'",
        "truncated.bmp, 'damaged: it ends in the middle of its pixels'",
        "truncated.webp, 'damaged: it ends after 300 bytes of '",
        "truncated.tif, 'damaged: '"
    })
    void damagedFilesAreSaidToBe(String name, String said) {
        assertSaid(PictureDamagedException.class, FOLDER.resolve(name), said);
    }

    @ParameterizedTest
    @CsvSource({
        "text.png, 'starts with ''This is a ca'''",
        "empty.jpg, found an empty file",
        "big.tif, found a BigTIFF",
        "missing.png, no such file",
        "'', found a folder"
    })
    void whatIsNoPictureIsNamed(String name, String said) {
        assertSaid(NotAPictureException.class, FOLDER.resolve(name), said);
    }

    @Test
    void aFrameThatIsNotTheWholePictureIsRefused() {
        assertSaid(
                PictureUnsupportedException.class,
                FOLDER.resolve("small-frame.gif"),
                "the first frame of this GIF covers 23 x 31 of 23 x 40 pixels");
    }

    @ParameterizedTest
    @CsvSource({
        "cmyk.tif, 'a TIFF of 8 bits per sample, PhotometricInterpretation 5'",
        "lab.tif, PhotometricInterpretation 8",
        "float.tif, SampleFormat 3",
        "grey-16.tif, 16 bits per sample"
    })
    void tiffsThatWouldBecomeOtherPixelsAreRefused(String name, String said) {
        assertSaid(PictureUnsupportedException.class, FOLDER.resolve(name), said);
    }

    @Test
    void aPictureThatWouldFillTheMemoryIsRefusedByItsHeader() {
        assertSaid(
                PictureTooLargeException.class,
                FOLDER.resolve("bomb.png"),
                "60000 x 60000 = 3600000000 pixels, above the limit of 50000000");
    }

    private static void assertSaid(Class<? extends PictureException> kind, Path file, String said) {
        PictureException e = assertThrows(kind, () -> PictureFile.read(file));
        assertTrue(e.getMessage().contains(said), e.getMessage());
        assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
        assertEquals(file, e.file());
    }
}
