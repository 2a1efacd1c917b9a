package dev.kausal.engine.images;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;

/** Checks a GIF's or BMP's header, to refuse files that the decoder would read differently from Pillow. */
final class PlainHeaders {
    private static final int GIF_HEADER = 13;
    private static final int BMP_HEADER = 54;
    private static final int OLD_BMP_HEADER = 12;
    private static final int BMP_BITS_AT = 28;
    private static final int BMP_COMPRESSION_AT = 30;
    /** Supported bits per pixel, of palettes or colours. 16 bits have several layouts of colours. */
    private static final Set<Integer> BMP_BITS = Set.of(1, 4, 8, 24, 32);

    private PlainHeaders() {}

    static boolean gif(byte[] bytes) {
        return starts(bytes, "GIF87a") || starts(bytes, "GIF89a");
    }

    static boolean bmp(byte[] bytes) {
        return starts(bytes, "BM");
    }

    private static boolean starts(byte[] bytes, String with) {
        return bytes.length >= with.length()
                && new String(bytes, 0, with.length(), StandardCharsets.ISO_8859_1).equals(with);
    }

    private static ByteBuffer header(Path file, byte[] bytes, int length) {
        if (bytes.length < length) {
            throw new PictureDamagedException(file, "it ends after " + bytes.length + " bytes, before any pixel");
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    static void checkGif(Path file, byte[] bytes) {
        header(file, bytes, GIF_HEADER);
        // Without the final byte, a file may have lost frames, or the end of its only one.
        if (bytes[bytes.length - 1] != 0x3b) {
            throw new PictureDamagedException(file, "it ends before its end marker");
        }
    }

    /** Returns the first frame if it is the whole picture; throws otherwise. */
    static Picture checkedFrame(Path file, byte[] bytes, Picture frame) {
        ByteBuffer header = header(file, bytes, GIF_HEADER);
        int columns = header.getShort(6) & 0xffff;
        int rows = header.getShort(8) & 0xffff;
        if (frame.rows() != rows || frame.columns() != columns) {
            throw new PictureUnsupportedException(
                    file,
                    "the first frame of this GIF covers " + frame.rows() + " x " + frame.columns() + " of " + rows
                            + " x " + columns + " pixels");
        }
        return frame;
    }

    static void checkBmp(Path file, byte[] bytes) {
        ByteBuffer header = header(file, bytes, BMP_HEADER);
        int bits = header.getShort(BMP_BITS_AT);
        int compression = header.getInt(BMP_COMPRESSION_AT);
        if (header.getInt(14) <= OLD_BMP_HEADER || !BMP_BITS.contains(bits) || (compression != 0 && compression != 3)) {
            throw new PictureUnsupportedException(
                    file, "a BMP of " + bits + " bits per pixel, with compression " + compression);
        }
        // A row is padded to a multiple of four bytes.
        long row = ((long) Math.abs(header.getInt(18)) * bits + 31) / 32 * 4;
        long end = (header.getInt(10) & 0xffffffffL) + row * Math.abs((long) header.getInt(22));
        if (end > bytes.length) {
            throw new PictureDamagedException(file, "it ends in the middle of its pixels");
        }
    }
}
