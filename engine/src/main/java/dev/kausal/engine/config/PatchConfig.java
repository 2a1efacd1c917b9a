package dev.kausal.engine.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * How a model cuts an image into positions.
 *
 * @param channels of a pixel
 * @param rows of pixels that its position embeddings were made for
 * @param columns likewise
 * @param patchRows rows of pixels in a patch
 * @param patchColumns columns of pixels in a patch
 * @param prefix names of the positions before the patches, such as {@code [CLS]}
 * @param positioned how many of these have a position embedding
 * @param antialias whether position embeddings are smoothed where they are resampled to a smaller grid
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
    /** Stands for the whole image. */
    public static final String CLS = "[CLS]";
    /** Stands for the whole image, trained on another model's answer. */
    public static final String DIST = "[DIST]";
    /** Stands for nothing. */
    public static final String REGISTER = "[REG]";

    /** Relative positions that are of no two patches; see {@link #distances()}. */
    public static final int OTHER_DISTANCES = 3;

    public PatchConfig {
        prefix = List.copyOf(prefix);
    }

    /** The [CLS] position and registers. */
    public static List<String> prefix(int registers) {
        List<String> prefix = new ArrayList<>(List.of(CLS));
        prefix.addAll(Collections.nCopies(registers, REGISTER));
        return prefix;
    }

    /** Patches of an image of this many pixels. */
    public int patches(int rowsOfPixels, int columnsOfPixels) {
        return rowsOfPixels / patchRows * (columnsOfPixels / patchColumns);
    }

    /** Patches of an image of the model's own size. */
    public int patches() {
        return patches(rows, columns);
    }

    /** Number of relative positions in a table of biases: differences of rows and columns, and those with no patch. */
    public int distances() {
        return (2 * (rows / patchRows) - 1) * (2 * (columns / patchColumns) - 1) + OTHER_DISTANCES;
    }

    /** Numbers in a patch. */
    public int patchWidth() {
        return channels * patchRows * patchColumns;
    }

    /** Registers among the prefix. */
    public int registers() {
        return Collections.frequency(prefix, REGISTER);
    }
}
