package dev.kausal.engine.tokens;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Text to token ids and back. No special token is added but by {@link #frame}; nothing is truncated or padded. */
public interface Tokenizer extends AutoCloseable {
    /** Tokens of {@code text} with the characters that each covers. */
    Encoding encode(String text);

    /** The special tokens that the model was trained to see around texts. */
    default Framing framing() {
        return Framing.NONE;
    }

    /**
     * A text between the special tokens that {@link #framing} names.
     *
     * @param second a second text after the first; null for none
     */
    default Framed frame(String first, @Nullable String second) {
        return framing().frame(encode(first), second == null ? null : encode(second));
    }

    /** The token that stands for a hidden word, where the vocabulary has one. */
    default OptionalInt mask() {
        return OptionalInt.empty();
    }

    /** The text of one token, leading blank kept. */
    String text(int id);

    /** Whether the vocabulary has a token of this id: a model's output may have more rows than that. */
    default boolean has(int id) {
        return id >= 0 && id < vocabularySize();
    }

    /** Whether a token stands for no text, as {@code <|endoftext|>} or the token for unknown text. */
    default boolean special(int id) {
        return false;
    }

    /** A token that a model's output names: its text, or its number, such as {@code #2341}, if it is only padding. */
    default String named(int id) {
        return has(id) ? text(id) : "#" + id;
    }

    /** The text of several tokens. */
    String decode(int... ids);

    /** Number of ids. */
    int vocabularySize();

    @Override
    void close();
}
