package dev.kausal.engine.images;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The tags of a TIFF's first image, to refuse files that the decoder would read differently from Pillow. */
final class TiffTags {
    private static final int BITS = 258;
    private static final int COMPRESSION = 259;
    private static final int MEANING = 262;
    private static final int PLANES = 284;
    private static final int COLOUR_MAP = 320;
    private static final int EXTRA_SAMPLES = 338;
    private static final int SAMPLE_FORMAT = 339;
    private static final int SHORT = 3;
    private static final int LONG = 4;
    private static final int JPEG = 7;

    private final Path file;
    private final ByteBuffer tiff;
    /** By tag, the type, number and offset of its values. */
    private final Map<Integer, int[]> tags = new HashMap<>();

    private TiffTags(Path file, byte[] bytes) {
        this.file = file;
        this.tiff = ByteBuffer.wrap(bytes).order(bytes[0] == 'I' ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    }

    static boolean is(byte[] bytes) {
        String start = new String(bytes, 0, Math.min(4, bytes.length), StandardCharsets.ISO_8859_1);
        return start.equals("II*\0") || start.equals("MM\0*");
    }

    /**
     * Reads the tags.
     *
     * @throws PictureException if the file is truncated or of an unsupported kind
     */
    static TiffTags of(Path file, byte[] bytes) {
        TiffTags tags = new TiffTags(file, bytes);
        try {
            tags.read();
            tags.check();
        } catch (BufferUnderflowException | IndexOutOfBoundsException e) {
            throw new PictureDamagedException(file, "its tags extend beyond its end at byte " + bytes.length);
        }
        return tags;
    }

    private void read() {
        int first = tiff.getInt(4);
        int entries = tiff.getShort(first) & 0xffff;
        for (int i = 0; i < entries; i++) {
            int at = first + 2 + 12 * i;
            int type = tiff.getShort(at + 2) & 0xffff;
            int count = tiff.getInt(at + 4);
            int bytes = type == SHORT ? 2 * count : 4 * count;
            tags.put(tiff.getShort(at) & 0xffff, new int[] {type, count, bytes <= 4 ? at + 8 : tiff.getInt(at + 8)});
        }
    }

    private int value(int tag, int index, int otherwise) {
        int[] found = tags.get(tag);
        if (found == null || (found[0] != SHORT && found[0] != LONG)) {
            return otherwise;
        }
        return found[0] == SHORT ? tiff.getShort(found[2] + 2 * index) & 0xffff : tiff.getInt(found[2] + 4 * index);
    }

    private void check() {
        int bits = value(BITS, 0, 1);
        int meaning = value(MEANING, 0, -1);
        int compression = value(COMPRESSION, 0, 1);
        boolean known = switch (meaning) {
            case 0 -> bits == 1;
            case 1 -> bits == 1 || bits == 8;
            case 2, 3 -> bits == 8;
            case 6 -> bits == 8 && compression == JPEG;
            default -> false;
        };
        boolean whole = value(SAMPLE_FORMAT, 0, 1) == 1 && value(PLANES, 0, 1) == 1 && value(EXTRA_SAMPLES, 0, 2) != 1;
        if (!known || !whole) {
            throw new PictureUnsupportedException(
                    file,
                    "a TIFF of " + bits + " bits per sample, PhotometricInterpretation " + meaning + ", SampleFormat "
                            + value(SAMPLE_FORMAT, 0, 1) + ", PlanarConfiguration " + value(PLANES, 0, 1)
                            + ", ExtraSamples " + value(EXTRA_SAMPLES, 0, 0));
        }
    }

    boolean hasPalette() {
        return value(MEANING, 0, -1) == 3;
    }

    /** Returns the palette [red, green or blue][index]: the high byte of each entry, like Pillow. */
    byte[][] palette() {
        int entries = 1 << value(BITS, 0, 1);
        byte[][] palette = new byte[Picture.RGB][entries];
        for (int i = 0; i < Picture.RGB * entries; i++) {
            palette[i / entries][i % entries] = (byte) (value(COLOUR_MAP, i, 0) >> 8);
        }
        return palette;
    }
}
