package dev.kausal.engine.tokens;

import com.google.gson.JsonElement;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.BitSet;
import java.util.Deque;
import java.util.Optional;

/**
 * SentencePiece's compiled character map: the size of a double-array trie in bytes, the trie (32-bit units, little
 * endian), and the replacements, each ended by a zero byte. The library follows its indices unchecked.
 */
final class CharacterMap {
    private final int[] units;
    private final byte[] replacements;

    private CharacterMap(int[] units, byte[] replacements) {
        this.units = units;
        this.replacements = replacements;
    }

    /** Returns what is wrong with a {@code precompiled_charsmap}; empty if all of its indices are valid. */
    static Optional<String> violation(JsonElement field) {
        if (field == null
                || !field.isJsonPrimitive()
                || !field.getAsJsonPrimitive().isString()) {
            return Optional.of("no precompiled_charsmap");
        }
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(field.getAsString());
        } catch (IllegalArgumentException e) {
            return Optional.of("a precompiled_charsmap that is not base64");
        }
        if (bytes.length < Integer.BYTES) {
            return Optional.of("a precompiled_charsmap of " + bytes.length + " bytes");
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        long size = Integer.toUnsignedLong(buffer.getInt());
        if (size % Integer.BYTES != 0 || size == 0 || size > buffer.remaining()) {
            return Optional.of("a precompiled_charsmap with an invalid trie size, " + size + " of " + buffer.remaining()
                    + " bytes");
        }
        int[] units = new int[(int) (size / Integer.BYTES)];
        buffer.asIntBuffer().get(units);
        byte[] replacements = new byte[bytes.length - Integer.BYTES - (int) size];
        buffer.position(Integer.BYTES + (int) size).get(replacements);
        return new CharacterMap(units, replacements).violation();
    }

    private Optional<String> violation() {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(replacements));
        } catch (CharacterCodingException e) {
            return Optional.of("a precompiled_charsmap whose replacements are not UTF-8");
        }
        return sound() ? Optional.empty() : Optional.of("a precompiled_charsmap whose trie points outside itself");
    }

    /** Follows every path from the root that the library could follow for some text. */
    private boolean sound() {
        BitSet seen = new BitSet(units.length);
        Deque<Integer> open = new ArrayDeque<>();
        int root = offset(units[0]);
        open.add(root);
        while (!open.isEmpty()) {
            int node = open.remove();
            for (int letter = 1; letter < 256; letter++) {
                int at = node ^ letter;
                if (at < 0 || at >= units.length) {
                    return false;
                }
                int unit = units[at];
                if (label(unit) != letter || seen.get(at)) {
                    continue;
                }
                seen.set(at);
                int next = at ^ offset(unit);
                if (leads(unit)
                        && (next < 0 || next >= units.length || !replacement(units[next] & Integer.MAX_VALUE))) {
                    return false;
                }
                open.add(next);
            }
        }
        return true;
    }

    /** Returns whether a replacement begins at this byte. */
    private boolean replacement(int index) {
        return index <= replacements.length && (index == replacements.length || (replacements[index] & 0xC0) != 0x80);
    }

    private static boolean leads(int unit) {
        return (unit >>> 8 & 1) == 1;
    }

    private static int label(int unit) {
        return unit & (1 << 31 | 0xFF);
    }

    private static int offset(int unit) {
        return unit >>> 10 << ((unit & 1 << 9) >>> 6);
    }
}
