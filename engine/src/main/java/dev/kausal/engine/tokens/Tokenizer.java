package dev.kausal.engine.tokens;

/** Text to token ids and back. No special token is added; nothing is truncated or padded. */
public interface Tokenizer extends AutoCloseable {
    /** Tokens of {@code text} with the characters that each covers. */
    Encoding encode(String text);

    /** The text of one token, leading blank kept. */
    String text(int id);

    /** The text of several tokens. */
    String decode(int... ids);

    /** Number of ids. */
    int vocabularySize();

    @Override
    void close();
}
