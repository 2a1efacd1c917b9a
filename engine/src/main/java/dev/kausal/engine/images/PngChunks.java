package dev.kausal.engine.images;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.CRC32;

/**
 * The chunks of a PNG file (W3C, PNG 3rd edition), checked before decoding because decoders tolerate damage.
 *
 * @param orientation camera orientation
 * @param reals packed {@link RealPixels}, if Kausal wrote the file with them
 */
record PngChunks(Orientation orientation, Optional<byte[]> reals) {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};

    static boolean is(byte[] bytes) {
        return Arrays.equals(bytes, 0, Math.min(bytes.length, SIGNATURE.length), SIGNATURE, 0, SIGNATURE.length);
    }

    /**
     * Reads the chunks.
     *
     * @throws PictureDamagedException if a chunk is truncated or its checksum is wrong
     */
    static PngChunks of(Path file, byte[] bytes) {
        ByteBuffer png = ByteBuffer.wrap(bytes);
        Orientation orientation = Orientation.UPRIGHT;
        Optional<byte[]> reals = Optional.empty();
        boolean pixels = false;
        int at = SIGNATURE.length;
        while (true) {
            if (bytes.length - at < 12) {
                throw new PictureDamagedException(
                        file, "it ends after " + bytes.length + " bytes, in the middle of a chunk");
            }
            int length = png.getInt(at);
            String type = new String(bytes, at + 4, 4, StandardCharsets.ISO_8859_1);
            if (length < 0 || length > bytes.length - at - 12) {
                throw new PictureDamagedException(
                        file, "chunk " + named(type) + " extends beyond the file's end at byte " + bytes.length);
            }
            boolean critical = Character.isUpperCase(type.charAt(0));
            if (critical && crc(bytes, at + 4, length + 4) != png.getInt(at + 8 + length)) {
                throw new PictureDamagedException(file, "the checksum of chunk " + named(type) + " is wrong");
            }
            if (type.equals("eXIf")) {
                orientation = Orientation.of(Arrays.copyOfRange(bytes, at + 8, at + 8 + length));
            }
            if (type.equals(RealPixels.CHUNK)) {
                reals = Optional.of(Arrays.copyOfRange(bytes, at + 8, at + 8 + length));
            }
            pixels |= type.equals("IDAT");
            if (type.equals("IEND")) {
                break;
            }
            at += length + 12;
        }
        if (!pixels) {
            throw new PictureDamagedException(file, "it has no pixels (no chunk IDAT)");
        }
        return new PngChunks(orientation, reals);
    }

    /** Returns a PNG with an additional chunk before its end. */
    static byte[] with(byte[] png, String type, byte[] content) {
        int end = png.length - 12;
        ByteBuffer longer = ByteBuffer.allocate(png.length + content.length + 12);
        longer.put(png, 0, end).putInt(content.length).put(type.getBytes(StandardCharsets.ISO_8859_1));
        longer.put(content);
        longer.putInt(crc(longer.array(), end + 4, content.length + 4)).put(png, end, 12);
        return longer.array();
    }

    private static String named(String type) {
        return type.replaceAll("[^A-Za-z]", "?");
    }

    private static int crc(byte[] bytes, int from, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }
}
