package dev.kausal.engine.images;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The chunks of a WebP file (RFC 9649): completeness, camera orientation, and an animation's first frame.
 *
 * @param orientation camera orientation
 * @param still file of a single picture for the decoder: the file itself, or its first frame
 */
record WebPChunks(Orientation orientation, byte[] still) {
    private static final int FRAME_HEADER = 16;

    static boolean is(byte[] bytes) {
        return bytes.length >= 12
                && name(bytes, 0).equals("RIFF")
                && name(bytes, 8).equals("WEBP");
    }

    /**
     * Reads the chunks.
     *
     * @throws PictureException if a chunk is truncated, or the first frame is not the whole picture
     */
    static WebPChunks of(Path file, byte[] bytes) {
        ByteBuffer webp = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long end = (webp.getInt(4) & 0xffffffffL) + 8;
        if (end > bytes.length) {
            throw new PictureDamagedException(file, "it ends after " + bytes.length + " bytes of " + end);
        }
        Orientation orientation = Orientation.UPRIGHT;
        byte[] still = bytes;
        for (int at = 12; at + 8 <= end; at += 8 + padded(webp.getInt(at + 4))) {
            int length = webp.getInt(at + 4);
            if (length < 0 || at + 8L + length > end) {
                throw new PictureDamagedException(file, "chunk " + name(bytes, at) + " extends beyond the file's end");
            }
            if (name(bytes, at).equals("EXIF")) {
                orientation = Orientation.of(exif(Arrays.copyOfRange(bytes, at + 8, at + 8 + length)));
            }
            if (name(bytes, at).equals("ANMF") && still == bytes) {
                still = frame(file, webp, at + 8, length);
            }
        }
        return new WebPChunks(orientation, still);
    }

    /** Returns a frame as a file of its own. */
    private static byte[] frame(Path file, ByteBuffer webp, int at, int length) {
        int columns = number(webp, at + 6) + 1;
        int rows = number(webp, at + 9) + 1;
        // The first chunk of such a file has the size.
        int allColumns = number(webp, 24) + 1;
        int allRows = number(webp, 27) + 1;
        if (columns != allColumns || rows != allRows) {
            throw new PictureUnsupportedException(
                    file,
                    "the first frame of this WebP covers " + rows + " x " + columns + " of " + allRows + " x "
                            + allColumns + " pixels");
        }
        boolean transparent = name(bytes(webp, at + FRAME_HEADER, 4), 0).equals("ALPH");
        int content = length - FRAME_HEADER;
        int head = transparent ? 18 : 0;
        ByteBuffer one = ByteBuffer.allocate(12 + head + content).order(ByteOrder.LITTLE_ENDIAN);
        one.put(latin("RIFF")).putInt(4 + head + content).put(latin("WEBP"));
        if (transparent) {
            one.put(latin("VP8X")).putInt(10).putInt(0x10);
            for (int size : new int[] {columns - 1, rows - 1}) {
                one.put((byte) size).put((byte) (size >> 8)).put((byte) (size >> 16));
            }
        }
        return one.put(bytes(webp, at + FRAME_HEADER, content)).array();
    }

    private static byte[] bytes(ByteBuffer webp, int at, int length) {
        byte[] found = new byte[length];
        webp.get(at, found);
        return found;
    }

    private static int number(ByteBuffer webp, int at) {
        return (webp.getShort(at) & 0xffff) | (webp.get(at + 2) & 0xff) << 16;
    }

    /** Skips a JPEG marker, which some writers put before the block. */
    private static byte[] exif(byte[] block) {
        boolean marked = block.length > 6 && new String(block, 0, 4, StandardCharsets.ISO_8859_1).equals("Exif");
        return marked ? Arrays.copyOfRange(block, 6, block.length) : block;
    }

    private static int padded(int length) {
        return length + (length & 1);
    }

    private static String name(byte[] bytes, int at) {
        return new String(bytes, at, 4, StandardCharsets.ISO_8859_1);
    }

    private static byte[] latin(String name) {
        return name.getBytes(StandardCharsets.ISO_8859_1);
    }
}
