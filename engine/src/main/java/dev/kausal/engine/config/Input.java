package dev.kausal.engine.config;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One input of a model. Equal to another with the same contents.
 *
 * @param ids token ids [position]; empty for an image
 * @param types token types [position], 0 by default
 * @param image the image, or null
 */
public record Input(int[] ids, int[] types, @Nullable Image image) {
    /** Creates tokens of type 0. */
    public static Input tokens(int... ids) {
        return new Input(ids, new int[ids.length], null);
    }

    /** Creates tokens with their types (in BERT, first or second sentence). */
    public static Input tokens(int[] ids, int[] types) {
        if (ids.length != types.length) {
            throw new IllegalArgumentException(ids.length + " tokens, but " + types.length + " token types");
        }
        return new Input(ids, types, null);
    }

    /** Returns the number of positions. */
    public int length() {
        return image == null ? ids.length : image.positions();
    }

    /** Returns how many tokens at the start of both inputs are equal, types included; 0 for images. */
    public int equalPrefix(Input other) {
        return Math.min(equalPrefix(ids, other.ids), equalPrefix(types, other.types));
    }

    private static int equalPrefix(int[] a, int[] b) {
        int mismatch = Arrays.mismatch(a, b);
        return mismatch < 0 ? a.length : mismatch;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Input o
                && Arrays.equals(ids, o.ids)
                && Arrays.equals(types, o.types)
                && (image == null ? o.image == null : image.equals(o.image));
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(ids) * 31 + (image == null ? 0 : image.hashCode());
    }
}
