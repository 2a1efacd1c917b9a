package dev.kausal.engine.tokens;

/** The Hugging Face library, in this process or another. Any number of threads may use it. */
interface NativeTokenizer extends AutoCloseable {
    /** Start and end of a token that spans no text. */
    int NOWHERE = -1;

    /**
     * Tokens with the code points that they span.
     *
     * @param starts first code point of each token, or {@link #NOWHERE}
     * @param ends code point after each token, or {@link #NOWHERE}
     */
    record Tokens(long[] ids, int[] starts, int[] ends) {}

    /** Returns the tokens of {@code text}, which is not empty, without special ones. */
    Tokens encode(String text);

    /** Returns the text of {@code ids}. */
    String decode(long[] ids);

    @Override
    void close();
}
