package dev.kausal.engine.files;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads files whole, up to a limit on the bytes that arrive rather than the size that the file system reports, which is
 * 0 for devices and pipes.
 */
public final class SmallFiles {
    /** For configs and indices; the largest index published so far has 9 MB. */
    public static final long CONFIG = 64L << 20;

    /** For tokenizers; the largest published so far has 40 MB. */
    public static final long TOKENIZER = 256L << 20;

    /** For pictures; 50 million uncompressed pixels of the widest kind have 400 MB. */
    public static final long PICTURE = 512L << 20;

    private SmallFiles() {}

    /**
     * Returns the contents of {@code file}.
     *
     * @throws FileTooLargeException if there are more than {@code most} bytes
     * @throws IOException if the file cannot be read
     */
    public static byte[] bytes(Path file, long most) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes((int) Math.min(most + 1, Integer.MAX_VALUE - 8));
            if (bytes.length > most) {
                throw new FileTooLargeException(file, most);
            }
            return bytes;
        }
    }

    /**
     * Returns the text of {@code file}, which must be UTF-8.
     *
     * @throws FileTooLargeException if there are more than {@code most} bytes
     * @throws CharacterCodingException if it is not UTF-8
     * @throws IOException if the file cannot be read
     */
    public static String text(Path file, long most) throws IOException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes(file, most)))
                .toString();
    }
}
