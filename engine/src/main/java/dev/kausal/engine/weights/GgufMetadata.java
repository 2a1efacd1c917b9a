package dev.kausal.engine.weights;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a GGUF's key-value metadata: integers as Long, floats as Double, text as String, booleans as Boolean, arrays as
 * List of these. A 64-bit unsigned value above 2^63 - 1 wraps to negative.
 */
final class GgufMetadata {
    private static final int SMALLEST_ENTRY_BYTES = 8 + 4 + 1;
    private static final int MAX_ARRAY_DEPTH = 4;
    private static final int MAX_ARRAY_ITEMS = 1 << 22;
    /** Types 0 to 12 in the order of ggml's gguf_type. */
    private static final List<ValueType> TYPES = List.of(
            new ValueType(1, (in, where, depth) -> (long) (in.int8(where) & 0xff)),
            new ValueType(1, (in, where, depth) -> (long) in.int8(where)),
            new ValueType(2, (in, where, depth) -> (long) (in.int16(where) & 0xffff)),
            new ValueType(2, (in, where, depth) -> (long) in.int16(where)),
            new ValueType(4, (in, where, depth) -> Integer.toUnsignedLong(in.int32(where))),
            new ValueType(4, (in, where, depth) -> (long) in.int32(where)),
            new ValueType(4, (in, where, depth) -> (double) Float.intBitsToFloat(in.int32(where))),
            new ValueType(1, (in, where, depth) -> truth(in, where)),
            new ValueType(8, (in, where, depth) -> in.string(where)),
            new ValueType(12, GgufMetadata::array),
            new ValueType(8, (in, where, depth) -> in.int64(where)),
            new ValueType(8, (in, where, depth) -> in.int64(where)),
            new ValueType(8, (in, where, depth) -> Double.longBitsToDouble(in.int64(where))));

    private GgufMetadata() {}

    /** Reads one value of a type. */
    private interface ValueReader {
        Object read(GgufCursor in, String where, int depth);
    }

    /** Minimum bytes of a type, and its reader. */
    private record ValueType(int leastBytes, ValueReader reader) {}

    /** Reads the number of entries, which precedes the entries themselves. */
    static int count(GgufCursor in) {
        return in.count(SMALLEST_ENTRY_BYTES, "number of metadata entries");
    }

    static Map<String, Object> read(GgufCursor in, int count) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            String key = in.string("key of metadata entry " + i);
            String where = "metadata '" + key + "'";
            Object value = type(in, where).reader().read(in, where, 0);
            if (metadata.put(key, value) != null) {
                throw in.corrupt(where, "every key once", "it twice");
            }
        }
        return Collections.unmodifiableMap(metadata);
    }

    private static ValueType type(GgufCursor in, String where) {
        int type = in.int32(where);
        if (type < 0 || type >= TYPES.size()) {
            throw in.corrupt(where, "a value type from 0 to " + (TYPES.size() - 1), Integer.toUnsignedString(type));
        }
        return TYPES.get(type);
    }

    private static Boolean truth(GgufCursor in, String where) {
        byte value = in.int8(where);
        if (value != 0 && value != 1) {
            throw in.corrupt(where, "a boolean, 0 or 1", Integer.toString(value & 0xff));
        }
        return value == 1;
    }

    private static List<Object> array(GgufCursor in, String where, int depth) {
        if (depth == MAX_ARRAY_DEPTH) {
            throw in.corrupt(where, "arrays at most " + MAX_ARRAY_DEPTH + " deep", "a deeper one");
        }
        ValueType type = type(in, where);
        int count = in.count(type.leastBytes(), where + " (array length)");
        if (count > MAX_ARRAY_ITEMS) {
            throw in.corrupt(where, "at most " + MAX_ARRAY_ITEMS + " array items", Integer.toString(count));
        }
        List<Object> items = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            items.add(type.reader().read(in, where, depth + 1));
        }
        return Collections.unmodifiableList(items);
    }
}
