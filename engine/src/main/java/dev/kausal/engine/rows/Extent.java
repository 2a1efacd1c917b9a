package dev.kausal.engine.rows;

import dev.kausal.engine.config.Image;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.PatchConfig;

/**
 * Size of an image in pixels.
 *
 * @param rows rows of pixels; 0 for tokens
 * @param columns columns of pixels; 0 for tokens
 */
public record Extent(int rows, int columns) {
    /** The extent of tokens. */
    public static final Extent NONE = new Extent(0, 0);

    public static Extent of(Input input) {
        Image image = input.image();
        return image == null ? NONE : new Extent(image.rows(), image.columns());
    }

    /** Returns the extent that a model's position embeddings were made for. */
    public static Extent of(PatchConfig shape) {
        return new Extent(shape.rows(), shape.columns());
    }

    /** Returns the number of rows of patches. */
    public int down(PatchConfig shape) {
        return rows / shape.patchRows();
    }

    /** Returns the number of columns of patches. */
    public int across(PatchConfig shape) {
        return columns / shape.patchColumns();
    }
}
