package dev.kausal.engine.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * How a model cuts an image into positions.
 *
 * @param channels channels per pixel
 * @param rows rows of pixels that the position embeddings were made for
 * @param columns columns of pixels that the position embeddings were made for
 * @param patchRows rows of pixels in a patch
 * @param patchColumns columns of pixels in a patch
 * @param prefix names of the positions before the patches, such as {@code [CLS]}
 * @param positioned number of these that have a position embedding
 * @param antialias whether position embeddings are smoothed when resampled to a smaller grid
 */
public record PatchConfig(
        int channels,
        int rows,
        int columns,
        int patchRows,
        int patchColumns,
        List<String> prefix,
        int positioned,
        boolean antialias) {
    /** Name of the position that represents the whole image. */
    public static final String CLS = "[CLS]";
    /** Name of the position trained on another model's answer (distillation). */
    public static final String DIST = "[DIST]";
    /** Name of a register, a position without a meaning of its own. */
    public static final String REGISTER = "[REG]";

    /** Number of relative positions that are not between two patches; see {@link #distances()}. */
    public static final int OTHER_DISTANCES = 3;

    public PatchConfig {
        prefix = List.copyOf(prefix);
    }

    /** Returns the prefix of [CLS] and registers. */
    public static List<String> prefix(int registers) {
        List<String> prefix = new ArrayList<>(List.of(CLS));
        prefix.addAll(Collections.nCopies(registers, REGISTER));
        return prefix;
    }

    /** Returns the number of patches of an image of this many pixels. */
    public int patches(int rowsOfPixels, int columnsOfPixels) {
        return rowsOfPixels / patchRows * (columnsOfPixels / patchColumns);
    }

    /** Returns the number of patches of an image of the model's own size. */
    public int patches() {
        return patches(rows, columns);
    }

    /**
     * Returns the number of rows of a relative-position table: differences of rows and columns, and those without a
     * patch.
     */
    public int distances() {
        return (2 * (rows / patchRows) - 1) * (2 * (columns / patchColumns) - 1) + OTHER_DISTANCES;
    }

    /** Returns the number of values in a patch. */
    public int patchWidth() {
        return channels * patchRows * patchColumns;
    }

    /** Returns the number of registers in the prefix. */
    public int registers() {
        return Collections.frequency(prefix, REGISTER);
    }
}
