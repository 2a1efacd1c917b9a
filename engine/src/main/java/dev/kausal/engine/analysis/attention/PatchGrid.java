package dev.kausal.engine.analysis.attention;

import dev.kausal.engine.config.Image;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.PatchConfig;
import dev.kausal.engine.errors.Present;
import java.util.List;

/**
 * Which positions of a vision transformer's run are patches, and their layout.
 *
 * @param prefix names of the positions before the patches ([CLS], [DIST], [REG]), which have no grid cell
 * @param rows rows of patches
 * @param columns columns of patches
 * @param patchRows rows of pixels in a patch
 * @param patchColumns columns of pixels in a patch
 */
public record PatchGrid(List<String> prefix, int rows, int columns, int patchRows, int patchColumns) {
    private static final String CLS = "[CLS]";

    public PatchGrid {
        prefix = List.copyOf(prefix);
    }

    /**
     * Returns the grid of one input.
     *
     * @throws AttentionRangeException if the model reads tokens
     */
    public static PatchGrid of(ModelConfig config, Input input) {
        PatchConfig shape = config.embedding()
                .image()
                .orElseThrow(() -> new AttentionRangeException(
                        "A patch grid needs a vision model, but this " + config.family() + " model reads tokens."));
        Image image = Present.of(input.image(), "image of this input");
        return new PatchGrid(
                shape.prefix(),
                image.rows() / shape.patchRows(),
                image.columns() / shape.patchColumns(),
                shape.patchRows(),
                shape.patchColumns());
    }

    /** Returns the number of patches. */
    public int patches() {
        return rows * columns;
    }

    /** Returns the number of positions, patches and prefix. */
    public int length() {
        return prefix.size() + patches();
    }

    /** Returns whether there is a [CLS] position. */
    public boolean hasCls() {
        return prefix.contains(CLS);
    }

    /**
     * Returns the [CLS] position.
     *
     * @throws AttentionRangeException if the model has none: its head reads the mean over patches
     */
    public int cls() {
        if (!hasCls()) {
            throw new AttentionRangeException("This model has no [CLS] position; the positions before its patches are "
                    + prefix + ". Use a patch, or the mean over patches.");
        }
        return prefix.indexOf(CLS);
    }

    /**
     * Returns the position of a patch.
     *
     * @throws AttentionRangeException if there is no such patch
     */
    public int position(int row, int column) {
        AttentionRangeException.check("Patch row", row, rows);
        AttentionRangeException.check("Patch column", column, columns);
        return prefix.size() + row * columns + column;
    }

    /** Returns the values at patches, row by row, of values at every position. */
    public double[] patches(double[] positions) {
        if (positions.length != length()) {
            throw new AttentionRangeException(positions.length + " values given for a grid of " + rows + " x " + columns
                    + " patches after " + prefix + ", which has " + length() + " positions.");
        }
        double[] patches = new double[patches()];
        System.arraycopy(positions, prefix.size(), patches, 0, patches.length);
        return patches;
    }

    /** Returns the distance between two patch centres in pixels. */
    double pixels(int patch, int other) {
        double down = (patch / columns - other / columns) * (double) patchRows;
        double across = (patch % columns - other % columns) * (double) patchColumns;
        return Math.hypot(down, across);
    }
}
