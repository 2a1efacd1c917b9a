package dev.kausal.engine.tokens;

/**
 * One or two texts with the special tokens that the model was trained with.
 *
 * @param ids token ids [position]
 * @param types token types [position]
 * @param texts text of each token [position]: 0 the first, 1 the second, {@link #SPECIAL} for special tokens
 * @param starts first character covered by each token (Java {@code char} index into its text) [position]; 0 for special
 *     tokens
 * @param ends one past the last character covered by each token [position]; 0 for special tokens
 */
public record Framed(int[] ids, int[] types, int[] texts, int[] starts, int[] ends) {
    /** Text index of special tokens. */
    public static final int SPECIAL = -1;

    /** Returns the number of tokens. */
    public int length() {
        return ids.length;
    }
}
