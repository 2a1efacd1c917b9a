package dev.kausal.engine.weights;

import java.nio.file.Path;

/** A weight file that contradicts itself or its format: truncated, overwritten, or written by a faulty converter. */
public final class CorruptWeightsException extends WeightsPartException {
    private static final long serialVersionUID = 1L;

    /**
     * @param path the file
     * @param where the part of it, such as {@code "tensor 'wte.weight'"}
     * @param expected what the format requires there
     * @param found what the file has
     */
    public CorruptWeightsException(Path path, String where, String expected, String found) {
        super(path, "Damaged weights,", where, expected, found, "Download or convert the file again.");
    }
}
