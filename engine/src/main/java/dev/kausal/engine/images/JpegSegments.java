package dev.kausal.engine.images;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** The segments of a JPEG file before its pixels (ITU T.81). */
record JpegSegments(Orientation orientation) {
    private static final int START_OF_SCAN = 0xda;
    private static final int APP1 = 0xe1;
    private static final byte[] EXIF = "Exif\0\0".getBytes(StandardCharsets.ISO_8859_1);

    static boolean is(byte[] bytes) {
        return bytes.length > 2 && (bytes[0] & 0xff) == 0xff && (bytes[1] & 0xff) == 0xd8 && (bytes[2] & 0xff) == 0xff;
    }

    /**
     * Reads the segments up to the pixels.
     *
     * @throws PictureDamagedException if the file ends before them
     */
    static JpegSegments of(Path file, byte[] bytes) {
        Orientation orientation = Orientation.UPRIGHT;
        boolean seen = false;
        int at = 2;
        while (at + 4 <= bytes.length) {
            int marker = bytes[at + 1] & 0xff;
            if ((bytes[at] & 0xff) != 0xff || marker == 0xff) {
                at++;
                continue;
            }
            int length = (bytes[at + 2] & 0xff) << 8 | (bytes[at + 3] & 0xff);
            if (marker == START_OF_SCAN) {
                return new JpegSegments(orientation);
            }
            int from = at + 4 + EXIF.length;
            int to = at + 2 + length;
            if (marker == APP1
                    && !seen
                    && to <= bytes.length
                    && from <= to
                    && Arrays.equals(bytes, at + 4, from, EXIF, 0, EXIF.length)) {
                orientation = Orientation.of(Arrays.copyOfRange(bytes, from, to));
                seen = true;
            }
            at = to;
        }
        throw new PictureDamagedException(file, "it ends after " + bytes.length + " bytes, before any pixel");
    }
}
