package dev.kausal.engine.images;

import dev.kausal.engine.config.Preprocessing;
import dev.kausal.engine.errors.KausalException;

/** The pixels that preprocessing may make of an image, on its way to a model included. */
public final class PixelLimit {
    private PixelLimit() {}

    /** Preprocessing asks for more pixels than are made. */
    public static final class Exceeded extends KausalException {
        private static final long serialVersionUID = 1L;

        private Exceeded(Picture picture, int rows, int columns) {
            super(
                    Blame.USER,
                    "The model's preprocessing makes " + rows + " x " + columns + " pixels of an image of "
                            + picture.rows() + " x " + picture.columns() + ", and at most " + Preprocessing.MOST_PIXELS
                            + " are made. Check the sizes in its preprocessor_config.json, and crop an image that is"
                            + " many times longer than wide.");
        }
    }

    static void check(Picture picture, int rows, int columns) {
        if ((long) rows * columns > Preprocessing.MOST_PIXELS) {
            throw new Exceeded(picture, rows, columns);
        }
    }
}
