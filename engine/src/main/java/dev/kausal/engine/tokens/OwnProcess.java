package dev.kausal.engine.tokens;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.CharSpan;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** The library in this process. */
final class OwnProcess implements NativeTokenizer {
    private static final Map<String, String> OPTIONS =
            Map.of("truncation", "false", "padding", "false", "addSpecialTokens", "false");

    private final HuggingFaceTokenizer library;
    // Encoding and decoding read-lock; closing write-locks, so that no native call uses a freed handle.
    private final ReadWriteLock lock = new ReentrantReadWriteLock();

    /** Opens a tokenizer.json. */
    OwnProcess(byte[] json) throws IOException {
        library = HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(json), OPTIONS);
    }

    @Override
    public Tokens encode(String text) {
        lock.readLock().lock();
        try {
            Encoding found = library.encode(text, false, false);
            CharSpan[] spans = found.getCharTokenSpans();
            int[] starts = new int[spans.length];
            int[] ends = new int[spans.length];
            for (int i = 0; i < spans.length; i++) {
                starts[i] = spans[i] == null ? NOWHERE : spans[i].getStart();
                ends[i] = spans[i] == null ? NOWHERE : spans[i].getEnd();
            }
            return new Tokens(found.getIds(), starts, ends);
        } finally {
            lock.readLock().unlock();
        }
    }

    @Override
    public String decode(long[] ids) {
        lock.readLock().lock();
        try {
            return library.decode(ids, false);
        } finally {
            lock.readLock().unlock();
        }
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
