package dev.kausal.engine.config;

import java.util.Arrays;

/**
 * A preprocessed image: resized, cropped and normalised. Equal to another with the same contents.
 *
 * @param pixels [channel, row, column]
 * @param rows rows of pixels
 * @param columns columns of pixels
 * @param positions number of positions in the model: prefix tokens, then patches row by row
 */
public record Image(float[] pixels, int rows, int columns, int positions) {
    @Override
    public boolean equals(Object other) {
        return other instanceof Image o
                && rows == o.rows
                && columns == o.columns
                && positions == o.positions
                && Arrays.equals(pixels, o.pixels);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(pixels);
    }
}
