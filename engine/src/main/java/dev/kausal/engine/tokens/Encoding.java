package dev.kausal.engine.tokens;

/**
 * A tokenised text.
 *
 * @param text the text
 * @param ids token ids [position]
 * @param starts first character covered by each token (Java {@code char} index into text) [position]
 * @param ends one past the last character covered by each token [position]
 */
public record Encoding(String text, int[] ids, int[] starts, int[] ends) {
    /** Returns the number of tokens. */
    public int length() {
        return ids.length;
    }
}
