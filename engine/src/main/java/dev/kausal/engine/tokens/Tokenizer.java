package dev.kausal.engine.tokens;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Converts text to token ids and back. Only {@link #frame} adds special tokens; nothing is truncated or padded. */
public interface Tokenizer extends AutoCloseable {
    /** Returns the tokens of {@code text} with the characters that they cover. */
    Encoding encode(String text);

    /** Returns the special tokens that the model was trained with. */
    default Framing framing() {
        return Framing.NONE;
    }

    /**
     * Frames a text with the special tokens of {@link #framing}.
     *
     * @param second a second text after the first; null for none
     */
    default Framed frame(String first, @Nullable String second) {
        return framing().frame(encode(first), second == null ? null : encode(second));
    }

    /** Returns the mask token, if the vocabulary has one. */
    default OptionalInt mask() {
        return OptionalInt.empty();
    }

    /** Returns the text of one token, including a leading blank. */
    String text(int id);

    /** Returns whether the vocabulary has a token of this id: a model's output may have more rows. */
    default boolean has(int id) {
        return id >= 0 && id < vocabularySize();
    }

    /** Returns whether a token represents no text, like {@code <|endoftext|>} or the unknown token. */
    default boolean special(int id) {
        return false;
    }

    /** Returns the name of an output token: its text, or its number, such as {@code #2341}, if it is only padding. */
    default String named(int id) {
        return has(id) ? text(id) : "#" + id;
    }

    /** Returns the text of several tokens. */
    String decode(int... ids);

    /** Returns the number of ids. */
    int vocabularySize();

    @Override
    void close();
}
