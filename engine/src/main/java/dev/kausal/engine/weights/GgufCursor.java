package dev.kausal.engine.weights;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Reads a GGUF header sequentially; every length is checked against the remaining bytes before use. */
final class GgufCursor {
    /** Header limit; vocabularies of a quarter of a million tokens take some 10 MB. */
    static final long MAX_HEADER_BYTES = 256L << 20;

    private final WeightsFile file;
    private final ByteBuffer bytes;

    GgufCursor(WeightsFile file) {
        this.file = file;
        this.bytes = file.map(0, Math.min(file.size(), MAX_HEADER_BYTES));
    }

    WeightsFile file() {
        return file;
    }

    int position() {
        return bytes.position();
    }

    CorruptWeightsException corrupt(String where, String expected, String found) {
        return new CorruptWeightsException(file.path(), where + " at byte " + bytes.position(), expected, found);
    }

    private ByteBuffer need(int length, String where) {
        if (length > bytes.remaining()) {
            String left = bytes.limit() < file.size() ? "of the 256 MiB that a header may take" : "of the file";
            throw corrupt(where, length + " bytes", bytes.remaining() + " bytes left " + left);
        }
        return bytes;
    }

    byte int8(String where) {
        return need(Byte.BYTES, where).get();
    }

    short int16(String where) {
        return need(Short.BYTES, where).getShort();
    }

    int int32(String where) {
        return need(Integer.BYTES, where).getInt();
    }

    long int64(String where) {
        return need(Long.BYTES, where).getLong();
    }

    /** Reads a count of items of at least {@code itemBytes} each, so that a wrong count is found before any is read. */
    int count(int itemBytes, String where) {
        long count = int64(where);
        long room = bytes.remaining() / itemBytes;
        if (count < 0 || count > room) {
            throw corrupt(
                    where, "a count of at most " + room + ", which fits in the file", Long.toUnsignedString(count));
        }
        return (int) count;
    }

    String string(String where) {
        byte[] text = new byte[count(1, where + " (string length)")];
        bytes.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }
}
