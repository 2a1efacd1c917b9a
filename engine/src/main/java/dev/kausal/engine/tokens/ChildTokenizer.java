package dev.kausal.engine.tokens;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Main class of a {@link ChildProcess}: reads a tokenizer.json and texts from standard input, and responds on standard
 * output.
 */
final class ChildTokenizer {
    private final DataInputStream from = new DataInputStream(new BufferedInputStream(System.in));
    private final DataOutputStream to;

    private ChildTokenizer(PrintStream out) {
        to = new DataOutputStream(new BufferedOutputStream(out));
    }

    /** Runs until standard input ends, for example because the parent is gone. */
    public static void main(String[] none) throws IOException {
        PrintStream out = System.out;
        // Library output must not mix with responses.
        System.setOut(System.err);
        new ChildTokenizer(out).serve();
    }

    private void serve() throws IOException {
        byte[] json = from.readNBytes(from.readInt());
        OwnProcess library;
        try {
            library = new OwnProcess(json);
        } catch (IOException | RuntimeException e) {
            failed(e);
            return;
        }
        try (library) {
            to.writeBoolean(true);
            to.flush();
            for (int kind = from.read(); kind >= 0; kind = from.read()) {
                answer(library, kind);
            }
        }
    }

    private void answer(OwnProcess library, int kind) throws IOException {
        if (kind == 'e') {
            String text = new String(from.readNBytes(from.readInt()), StandardCharsets.UTF_8);
            try {
                write(library.encode(text));
            } catch (RuntimeException e) {
                failed(e);
            }
            return;
        }
        long[] ids = new long[from.readInt()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = from.readLong();
        }
        try {
            String text = library.decode(ids);
            to.writeBoolean(true);
            write(text);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    private void write(NativeTokenizer.Tokens tokens) throws IOException {
        to.writeBoolean(true);
        to.writeInt(tokens.ids().length);
        for (int i = 0; i < tokens.ids().length; i++) {
            to.writeLong(tokens.ids()[i]);
            to.writeInt(tokens.starts()[i]);
            to.writeInt(tokens.ends()[i]);
        }
        to.flush();
    }

    private void write(String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        to.writeInt(bytes.length);
        to.write(bytes);
        to.flush();
    }

    private void failed(Exception e) throws IOException {
        to.writeBoolean(false);
        write(String.valueOf(e.getMessage()));
    }
}
