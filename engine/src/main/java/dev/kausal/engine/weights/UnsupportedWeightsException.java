package dev.kausal.engine.weights;

import java.nio.file.Path;

/** A valid weight file with content that Kausal does not support: a number format, a version, a size. */
public final class UnsupportedWeightsException extends WeightsPartException {
    private static final long serialVersionUID = 1L;

    /**
     * @param path the file
     * @param where the part of it, such as {@code "tensor 'wte.weight'"}
     * @param expected what is supported there, such as {@code "F16, F32"}
     * @param found what the file has, such as {@code "dtype IQ2_XXS"}
     */
    public UnsupportedWeightsException(Path path, String where, String expected, String found) {
        super(
                path,
                "Cannot read",
                where,
                expected,
                found,
                "Convert the weights to a supported form, or choose another file.");
    }
}
