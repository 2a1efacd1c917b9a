package dev.kausal.engine.images;

import dev.kausal.engine.config.Preprocessing;
import dev.kausal.engine.errors.KausalException;

/** Limit on the pixels that preprocessing may create from an image. */
public final class PixelLimit {
    private PixelLimit() {}

    /** Preprocessing would create more pixels than the limit. */
    public static final class Exceeded extends KausalException {
        private static final long serialVersionUID = 1L;

        private Exceeded(Picture picture, int rows, int columns) {
            super(
                    Blame.USER,
                    "The model's preprocessing would create " + rows + " x " + columns + " pixels from an image of "
                            + picture.rows() + " x " + picture.columns() + ", above the limit of "
                            + Preprocessing.MOST_PIXELS + ". Check the sizes in its preprocessor_config.json, and crop"
                            + " an image that is many times longer than wide.");
        }
    }

    static void check(Picture picture, int rows, int columns) {
        if ((long) rows * columns > Preprocessing.MOST_PIXELS) {
            throw new Exceeded(picture, rows, columns);
        }
    }
}
