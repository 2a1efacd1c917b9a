package dev.kausal.engine.tokens;

/**
 * A tokenised text.
 *
 * @param text the text
 * @param ids token ids [position]
 * @param starts first character (Java {@code char} index into text) that each token covers [position]
 * @param ends one past the last character that each token covers [position]
 */
public record Encoding(String text, int[] ids, int[] starts, int[] ends) {
    /** Number of tokens. */
    public int length() {
        return ids.length;
    }
}
