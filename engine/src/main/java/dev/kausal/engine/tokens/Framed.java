package dev.kausal.engine.tokens;

/**
 * One text, or two, as a model was trained to read them: with special tokens around and between.
 *
 * @param ids token ids [position]
 * @param types token types [position]
 * @param texts which text each token comes from [position]: 0 the first, 1 the second, {@link #SPECIAL} neither
 * @param starts first character (Java {@code char} index into its text) that each token covers [position]; 0 of special
 *     tokens
 * @param ends one past the last character that each token covers [position]; 0 of special tokens
 */
public record Framed(int[] ids, int[] types, int[] texts, int[] starts, int[] ends) {
    /** The text of a token that stands in none. */
    public static final int SPECIAL = -1;

    /** Number of tokens. */
    public int length() {
        return ids.length;
    }
}
