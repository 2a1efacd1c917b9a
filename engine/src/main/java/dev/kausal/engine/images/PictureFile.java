package dev.kausal.engine.images;

import dev.kausal.engine.config.Preprocessing;
import dev.kausal.engine.files.SmallFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Decodes PNG, JPEG, GIF, WebP, TIFF (of these three the first frame or page) and BMP files like Pillow's {@code
 * exif_transpose} and {@code convert("RGB")}: turned upright, alpha dropped without blending, grey tripled, palettes
 * looked up, embedded colour profiles not applied.
 *
 * <p>One difference: 16-bit grey keeps its high byte, like all other 16-bit data, whereas Pillow clips values above
 * 255, which turns most such pictures white.
 */
public final class PictureFile {
    /** Limit of pixels to decode: 50 million, of three bytes each. */
    public static final long MOST_PIXELS = Preprocessing.MOST_PIXELS;

    private PictureFile() {}

    /**
     * Reads a picture.
     *
     * @throws PictureException if the file is not a picture, too large, damaged, or of an unsupported kind
     * @throws dev.kausal.engine.files.FileTooLargeException if it has more bytes than any picture needs
     */
    public static Picture read(Path file) {
        try {
            return read(file, SmallFiles.bytes(file, SmallFiles.PICTURE));
        } catch (NoSuchFileException e) {
            throw new NotAPictureException(file, "no such file");
        } catch (IOException e) {
            String found = Files.isDirectory(file) ? "a folder" : "a file that cannot be read (" + e.getMessage() + ")";
            throw new NotAPictureException(file, found);
        }
    }

    /** Reads a file's contents; {@code file} is named in errors. */
    public static Picture read(Path file, byte[] bytes) {
        if (PngChunks.is(bytes)) {
            PngChunks chunks = PngChunks.of(file, bytes);
            return chunks.orientation().rotated(Decoder.PNG.decode(file, bytes));
        }
        if (JpegSegments.is(bytes)) {
            JpegSegments segments = JpegSegments.of(file, bytes);
            return segments.orientation().rotated(Decoder.JPEG.decode(file, bytes));
        }
        if (PlainHeaders.gif(bytes)) {
            PlainHeaders.checkGif(file, bytes);
            return PlainHeaders.checkedFrame(file, bytes, Decoder.GIF.decode(file, bytes));
        }
        if (PlainHeaders.bmp(bytes)) {
            PlainHeaders.checkBmp(file, bytes);
            return Decoder.BMP.decode(file, bytes);
        }
        if (TiffTags.is(bytes)) {
            TiffTags tags = TiffTags.of(file, bytes);
            Optional<byte[][]> palette = tags.hasPalette() ? Optional.of(tags.palette()) : Optional.empty();
            return Orientation.of(bytes).rotated(Decoder.TIFF.decode(file, bytes, palette));
        }
        if (WebPChunks.is(bytes)) {
            WebPChunks chunks = WebPChunks.of(file, bytes);
            return chunks.orientation().rotated(Decoder.WEBP.decode(file, chunks.still()));
        }
        throw new NotAPictureException(file, kind(bytes));
    }

    /** Returns the packed {@link RealPixels} of a PNG that has such a chunk. */
    static Optional<byte[]> reals(Path file) {
        try {
            byte[] bytes = SmallFiles.bytes(file, SmallFiles.PICTURE);
            return PngChunks.is(bytes) ? PngChunks.of(file, bytes).reals() : Optional.empty();
        } catch (IOException e) {
            throw new NotAPictureException(file, "a file that cannot be read (" + e.getMessage() + ")");
        }
    }

    /** Returns the kind of a file, by its first bytes. */
    private static String kind(byte[] bytes) {
        if (bytes.length == 0) {
            return "an empty file";
        }
        String start = new String(bytes, 0, Math.min(12, bytes.length), java.nio.charset.StandardCharsets.ISO_8859_1);
        if (start.startsWith("II+") || start.startsWith("MM\0+")) {
            return "a BigTIFF";
        }
        if (start.startsWith("ftyp", 4)) {
            return "a HEIC, AVIF or video file";
        }
        if (start.startsWith("%PDF")) {
            return "a PDF";
        }
        return "a file that starts with '" + start.replaceAll("[^ -~]", "?") + "'";
    }
}
