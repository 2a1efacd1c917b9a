package dev.kausal.engine.config;

import dev.kausal.engine.errors.KausalException;

/** Pixels that the model cannot read. */
public final class ImageMismatchException extends KausalException {
    private static final long serialVersionUID = 1L;

    private ImageMismatchException(String message) {
        super(Blame.USER, message);
    }

    static void check(ModelConfig config, int numbers, int rows, int columns) {
        PatchConfig shape = config.embedding()
                .image()
                .orElseThrow(() -> new ImageMismatchException(
                        "This " + config.family() + " model reads tokens, not images; give it token ids."));
        if (rows < 1 || columns < 1 || rows % shape.patchRows() != 0 || columns % shape.patchColumns() != 0) {
            throw new ImageMismatchException("An image of " + rows + " x " + columns
                    + " pixels cannot be cut into this "
                    + config.family() + " model's patches of " + shape.patchRows() + " x " + shape.patchColumns()
                    + "; resize or crop it.");
        }
        long expected = (long) shape.channels() * rows * columns;
        if (numbers != expected) {
            throw new ImageMismatchException("The image has " + numbers + " numbers, but " + shape.channels()
                    + " channels of " + rows + " x " + columns + " pixels need " + expected + ".");
        }
    }
}
