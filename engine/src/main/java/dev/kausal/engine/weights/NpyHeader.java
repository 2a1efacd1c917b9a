package dev.kausal.engine.weights;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The header of an {@code .npy} file (NumPy Enhancement Proposal 1): a Python dictionary of type, order and shape.
 *
 * @param info name, type and shape
 * @param fortran whether the first axis varies fastest
 * @param offset bytes before the numbers
 */
record NpyHeader(TensorInfo info, boolean fortran, int offset) {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int MOST_BYTES = 1 << 16;
    private static final Map<String, Integer> ITEM_BYTES = Map.of("<f2", 2, "<f4", 4, "<f8", 8);
    private static final Pattern TYPE = Pattern.compile("'descr': *'([^']*)'");
    private static final Pattern ORDER = Pattern.compile("'fortran_order': *(True|False)");
    private static final Pattern SHAPE = Pattern.compile("'shape': *\\(([0-9, ]*)\\)");

    /** Bytes of one number; 0 if its type is not supported. */
    int itemBytes() {
        return ITEM_BYTES.getOrDefault(info.dtype(), 0);
    }

    /** Bytes of the file; those of the header alone if the type is not supported. */
    long bytes() {
        return Math.addExact(offset, Math.multiplyExact(info.size(), (long) itemBytes()));
    }

    /** Reads a header. */
    static NpyHeader read(Path path, String name, InputStream in) throws IOException {
        byte[] start = exactly(in, MAGIC.length + 2);
        int major = start[MAGIC.length];
        for (int i = 0; i < MAGIC.length; i++) {
            if (start[i] != MAGIC[i] || major < 1 || major > 3) {
                throw new CorruptWeightsException(
                        path, "array '" + name + "'", "NumPy's format, versions 1 to 3", "other first bytes");
            }
        }
        int width = major == 1 ? Short.BYTES : Integer.BYTES;
        ByteBuffer length = ByteBuffer.wrap(exactly(in, width)).order(ByteOrder.LITTLE_ENDIAN);
        int size = major == 1 ? Short.toUnsignedInt(length.getShort()) : length.getInt();
        if (size < 0 || size > MOST_BYTES) {
            throw new CorruptWeightsException(
                    path, "array '" + name + "'", "a header of at most " + MOST_BYTES + " bytes", size + " bytes");
        }
        String text = new String(exactly(in, size), StandardCharsets.UTF_8);
        return parsed(path, name, text, start.length + width + size);
    }

    private static NpyHeader parsed(Path path, String name, String text, int offset) {
        Matcher type = TYPE.matcher(text);
        Matcher order = ORDER.matcher(text);
        Matcher shape = SHAPE.matcher(text);
        if (!type.find() || !order.find() || !shape.find()) {
            throw new CorruptWeightsException(
                    path, "array '" + name + "'", "a header of type, order and shape", text.strip());
        }
        if (type.group(1).contains("O")) {
            throw new PickleRefusedException(path, "array '" + name + "' holds Python objects");
        }
        List<Long> axes = new ArrayList<>();
        for (String axis : shape.group(1).split(",", -1)) {
            if (!axis.isBlank()) {
                axes.add(axis(path, name, axis.strip()));
            }
        }
        TensorInfo info = new TensorInfo(name, type.group(1), axes);
        try {
            NpyHeader header = new NpyHeader(info, order.group(1).equals("True"), offset);
            header.bytes();
            return header;
        } catch (ArithmeticException e) {
            throw new CorruptWeightsException(path, "array '" + name + "'", "a shape that fits in memory", "" + axes);
        }
    }

    private static long axis(Path path, String name, String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new CorruptWeightsException(path, "array '" + name + "'", "whole numbers as its shape", text);
        }
    }

    private static byte[] exactly(InputStream in, int size) throws IOException {
        byte[] bytes = in.readNBytes(size);
        if (bytes.length < size) {
            throw new EOFException("it ends within its header");
        }
        return bytes;
    }
}
