package dev.kausal.engine.rows;

import dev.kausal.engine.config.Image;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.PatchConfig;

/**
 * Pixels of an image.
 *
 * @param rows of pixels; 0 if an input is no image
 * @param columns likewise
 */
public record Extent(int rows, int columns) {
    /** Of tokens. */
    static final Extent NONE = new Extent(0, 0);

    public static Extent of(Input input) {
        Image image = input.image();
        return image == null ? NONE : new Extent(image.rows(), image.columns());
    }

    /** Of the images that a model's position embeddings were made for. */
    public static Extent of(PatchConfig shape) {
        return new Extent(shape.rows(), shape.columns());
    }

    /** Rows of patches. */
    public int down(PatchConfig shape) {
        return rows / shape.patchRows();
    }

    /** Columns of patches. */
    public int across(PatchConfig shape) {
        return columns / shape.patchColumns();
    }
}
