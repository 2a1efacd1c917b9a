package dev.kausal.engine.tokens;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/** A tokenizer described by tokenizer.json, run by the Hugging Face library. Any number of threads may use it. */
final class JsonTokenizer implements Tokenizer {
    /** SentencePiece's mark for a blank. */
    static final String BLANK_MARK = "\u2581";
    /** Number of characters of a text shown in messages. */
    private static final int SHOWN = 60;
    /** Mask tokens of BERT-like and RoBERTa-like vocabularies. */
    private static final List<String> MASKS = List.of("[MASK]", "<mask>", "<|mask|>");

    private final NativeTokenizer library;
    private final String[] vocabulary;
    private final Set<Integer> special;
    private final Framing framing;
    private final String source;

    private JsonTokenizer(
            NativeTokenizer library, String[] vocabulary, Set<Integer> special, Framing framing, String source) {
        this.library = library;
        this.vocabulary = vocabulary;
        this.special = special;
        this.framing = framing;
        this.source = source;
    }

    static JsonTokenizer of(JsonObject description, Framing framing, String source) {
        NativeLimits.violation(description).ifPresent(found -> {
            throw new TokenizerDamaged(source, found, null);
        });
        String[] vocabulary = Vocabulary.read(description, source);
        byte[] json = description.toString().getBytes(StandardCharsets.UTF_8);
        try {
            NativeTokenizer library = KnownRules.all(description) ? new OwnProcess(json) : new ChildProcess(json);
            return new JsonTokenizer(library, vocabulary, SpecialTokens.read(description, vocabulary), framing, source);
        } catch (IOException | RuntimeException e) {
            throw new TokenizerDamaged(source, String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public Framing framing() {
        return framing;
    }

    @Override
    public OptionalInt mask() {
        return IntStream.range(0, vocabulary.length)
                .filter(id -> MASKS.stream().anyMatch(mask -> mask.equals(vocabulary[id])))
                .findFirst();
    }

    @Override
    public Encoding encode(String text) {
        if (text.isEmpty()) {
            return new Encoding(text, new int[0], new int[0], new int[0]);
        }
        try {
            return convert(text, library.encode(withoutLoneSurrogates(text)));
        } catch (RuntimeException e) {
            throw new TokenizerDamaged(source, "an encoder that fails on " + shown(text) + ": " + e.getMessage(), e);
        }
    }

    private static String shown(String text) {
        return text.length() <= SHOWN ? "'" + text + "'" : "'" + text.substring(0, SHOWN) + "...'";
    }

    // The library counts code points.
    private static Encoding convert(String text, NativeTokenizer.Tokens found) {
        int[] charOf = charIndices(text);
        int[] ids = new int[found.ids().length];
        int[] starts = new int[ids.length];
        int[] ends = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = Math.toIntExact(found.ids()[i]);
            int previous = i == 0 ? 0 : ends[i - 1];
            boolean nowhere = found.starts()[i] == NativeTokenizer.NOWHERE;
            starts[i] = nowhere ? previous : charOf[found.starts()[i]];
            ends[i] = nowhere ? previous : charOf[found.ends()[i]];
        }
        return new Encoding(text, ids, starts, ends);
    }

    private static int[] charIndices(String text) {
        int[] charOf = new int[text.codePointCount(0, text.length()) + 1];
        int at = 0;
        for (int i = 0; i < charOf.length - 1; i++) {
            charOf[i] = at;
            at += Character.charCount(text.codePointAt(at));
        }
        charOf[charOf.length - 1] = at;
        return charOf;
    }

    // An unpaired surrogate has no UTF-8 form, and would garble the whole text on its way to the library.
    private static String withoutLoneSurrogates(String text) {
        StringBuilder clean = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            if (i + 1 < text.length() && Character.isSurrogatePair(c, text.charAt(i + 1))) {
                i++;
                continue;
            }
            clean = clean == null ? new StringBuilder(text) : clean;
            clean.setCharAt(i, '\uFFFD');
        }
        return clean == null ? text : clean.toString();
    }

    @Override
    public String text(int id) {
        String decoded = decode(id);
        // SentencePiece-style decoders drop the first blank of a text.
        int lost = blanks(vocabulary[id]) - blanks(decoded);
        return " ".repeat(Math.max(0, lost)) + decoded;
    }

    @Override
    public boolean has(int id) {
        return id >= 0 && id < vocabulary.length && vocabulary[id] != null;
    }

    @Override
    public boolean special(int id) {
        return special.contains(id);
    }

    /** Returns the number of leading blanks of a token, marked or not. */
    private static int blanks(String token) {
        int count = 0;
        while (count < token.length() && (token.charAt(count) == ' ' || token.startsWith(BLANK_MARK, count))) {
            count++;
        }
        return count;
    }

    @Override
    public String decode(int... ids) {
        long[] longIds = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            if (!has(ids[i])) {
                throw new TokenIdOutOfRange(ids[i], vocabulary.length, source);
            }
            longIds[i] = ids[i];
        }
        if (ids.length == 0) {
            return "";
        }
        try {
            return library.decode(longIds);
        } catch (RuntimeException e) {
            throw new TokenizerDamaged(source, "a decoder that fails on tokens: " + e.getMessage(), e);
        }
    }

    @Override
    public int vocabularySize() {
        return vocabulary.length;
    }

    @Override
    public void close() {
        library.close();
    }
}
