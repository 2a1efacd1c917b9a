package dev.kausal.engine.features;

import java.nio.file.Path;

/** Tensors of a dictionary whose shapes contradict each other, its settings, or the activations that it is used on. */
public final class DictionaryShapeException extends DictionaryException {
    private static final long serialVersionUID = 1L;

    /**
     * @param path the file
     * @param where what has the shape, such as {@code tensor 'W_dec'}
     * @param expected shape that fits the rest
     * @param found its shape
     */
    public DictionaryShapeException(Path path, String where, String expected, String found) {
        super(
                path,
                "The dictionary of " + path + " does not fit: expected " + expected + " of " + where + ", found "
                        + found + ". Check that it belongs to this model and hook point.");
    }
}
