package dev.kausal.engine.tokens;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import com.google.gson.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.IntStream;

/** A tokenizer described by tokenizer.json, run by the Hugging Face library. Any number of threads may use it. */
final class JsonTokenizer implements Tokenizer {
    /** How SentencePiece writes a blank. */
    static final String BLANK_MARK = "\u2581";
    /** As BERT's vocabularies write it, and RoBERTa's. */
    private static final List<String> MASKS = List.of("[MASK]", "<mask>", "<|mask|>");

    private static final Map<String, String> OPTIONS =
            Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false");

    private final HuggingFaceTokenizer library;
    private final String[] vocabulary;
    private final Framing framing;
    private final String source;
    // Readers encode and decode; the writer closes, so that no native call runs on a freed handle.
    private final ReadWriteLock lock = new ReentrantReadWriteLock();

    private JsonTokenizer(HuggingFaceTokenizer library, String[] vocabulary, Framing framing, String source) {
        this.library = library;
        this.vocabulary = vocabulary;
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
            HuggingFaceTokenizer library = HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), OPTIONS);
            return new JsonTokenizer(library, vocabulary, framing, source);
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
        ai.djl.huggingface.tokenizers.Encoding found = encodeNatively(withoutLoneSurrogates(text));
        return convert(text, found.getIds(), found.getCharTokenSpans());
    }

    private ai.djl.huggingface.tokenizers.Encoding encodeNatively(String text) {
        lock.readLock().lock();
        try {
            return library.encode(text, false, false);
        } catch (RuntimeException e) {
            throw new TokenizerDamaged(source, "an encoder that fails on a text: " + e.getMessage(), e);
        } finally {
            lock.readLock().unlock();
        }
    }

    // The library counts code points.
    private static Encoding convert(String text, long[] longIds, CharSpan[] spans) {
        int[] charOf = charIndices(text);
        int[] ids = new int[longIds.length];
        int[] starts = new int[ids.length];
        int[] ends = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = Math.toIntExact(longIds[i]);
            int previous = i == 0 ? 0 : ends[i - 1];
            starts[i] = spans[i] == null ? previous : charOf[spans[i].getStart()];
            ends[i] = spans[i] == null ? previous : charOf[spans[i].getEnd()];
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

    // Half a surrogate pair has no UTF-8 form and would garble the whole text on its way to the library.
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

    /** How many blanks, marked or not, a token begins with. */
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
        lock.readLock().lock();
        try {
            return library.decode(longIds, false);
        } catch (RuntimeException e) {
            throw new TokenizerDamaged(source, "a decoder that fails on tokens: " + e.getMessage(), e);
        } finally {
            lock.readLock().unlock();
        }
    }

    @Override
    public int vocabularySize() {
        return vocabulary.length;
    }

    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            library.close();
        } finally {
            lock.writeLock().unlock();
        }
    }
}
