package dev.kausal.engine.tokens;

import dev.kausal.engine.errors.Present;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Timer;
import java.util.TimerTask;
import org.jspecify.annotations.Nullable;

/**
 * The library in a separate process, for a tokenizer whose rules may crash the process that runs them, or never finish.
 * Each text has {@link #SECONDS}; a process that dies or takes longer is replaced for the next text.
 */
final class ChildProcess implements NativeTokenizer {
    /** Time limit per text in seconds; a slow machine needs some of it to start Java. */
    static final int SECONDS = 30;

    private static final Timer WATCHDOG = new Timer("tokenizer watchdog", true);

    private final byte[] json;
    private @Nullable Process process;
    private DataOutputStream to;
    private DataInputStream from;

    /**
     * Opens a tokenizer.json.
     *
     * @throws IOException if it cannot be opened
     */
    ChildProcess(byte[] json) throws IOException {
        this.json = json;
        start();
    }

    private void start() throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        List<String> command = List.of(
                java.toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                ChildTokenizer.class.getName());
        Process started = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        process = started;
        to = new DataOutputStream(new BufferedOutputStream(started.getOutputStream()));
        from = new DataInputStream(new BufferedInputStream(started.getInputStream()));
        String refused = watched(() -> {
            bytes(json);
            to.flush();
            return from.readBoolean() ? "" : text();
        });
        if (!refused.isEmpty()) {
            close();
            throw new IOException(refused);
        }
    }

    private interface Request {
        void write() throws IOException;
    }

    /** A request with its response, or the response alone. */
    private interface Exchange<T> {
        T run() throws IOException;
    }

    /** Kills the process if {@code exchange} takes too long. */
    private <T> T watched(Exchange<T> exchange) throws IOException {
        Process watched = Present.of(process, "process of a tokenizer");
        TimerTask end = new TimerTask() {
            @Override
            public void run() {
                watched.destroyForcibly();
            }
        };
        WATCHDOG.schedule(end, SECONDS * 1000L);
        try {
            return exchange.run();
        } finally {
            end.cancel();
        }
    }

    private synchronized <T> T exchange(char kind, Request request, Exchange<T> answer) {
        try {
            if (process == null) {
                start();
            }
            return watched(() -> {
                to.writeByte(kind);
                request.write();
                to.flush();
                if (from.readBoolean()) {
                    return answer.run();
                }
                throw new IllegalStateException(text());
            });
        } catch (IOException e) {
            close();
            throw new UncheckedIOException(
                    "a rule that crashes the tokenizer library or takes more than " + SECONDS + " s", e);
        }
    }

    @Override
    public Tokens encode(String text) {
        return exchange('e', () -> bytes(text.getBytes(StandardCharsets.UTF_8)), () -> {
            int count = from.readInt();
            Tokens tokens = new Tokens(new long[count], new int[count], new int[count]);
            for (int i = 0; i < count; i++) {
                tokens.ids()[i] = from.readLong();
                tokens.starts()[i] = from.readInt();
                tokens.ends()[i] = from.readInt();
            }
            return tokens;
        });
    }

    @Override
    public String decode(long[] ids) {
        return exchange(
                'd',
                () -> {
                    to.writeInt(ids.length);
                    for (long id : ids) {
                        to.writeLong(id);
                    }
                },
                this::text);
    }

    private void bytes(byte[] bytes) throws IOException {
        to.writeInt(bytes.length);
        to.write(bytes);
    }

    private String text() throws IOException {
        return new String(from.readNBytes(from.readInt()), StandardCharsets.UTF_8);
    }

    @Override
    public synchronized void close() {
        Process running = process;
        if (running != null) {
            running.destroyForcibly();
            process = null;
        }
    }
}
