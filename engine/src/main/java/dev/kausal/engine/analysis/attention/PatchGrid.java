package dev.kausal.engine.analysis.attention;

import dev.kausal.engine.config.Image;
import dev.kausal.engine.config.Input;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.PatchConfig;
import dev.kausal.engine.errors.Present;
import java.util.List;

/**
 * Which positions of a vision transformer's run are patches, and where they lie.
 *
 * @param prefix names of the positions before the patches ([CLS], [DIST], [REG]), which are on no grid
 * @param rows of patches
 * @param columns of patches
 * @param patchRows rows of pixels in a patch
 * @param patchColumns columns of pixels in a patch
 */
public record PatchGrid(List<String> prefix, int rows, int columns, int patchRows, int patchColumns) {
    private static final String CLS = "[CLS]";

    public PatchGrid {
        prefix = List.copyOf(prefix);
    }

    /**
     * The grid of one input.
     *
     * @throws AttentionRangeException where the model reads tokens
     */
    public static PatchGrid of(ModelConfig config, Input input) {
        PatchConfig shape = config.embedding()
                .image()
                .orElseThrow(() -> new AttentionRangeException("A patch grid needs a model of images; this "
                        + config.family() + " model reads tokens, which lie in a row."));
        Image image = Present.of(input.image(), "image of this input");
        return new PatchGrid(
                shape.prefix(),
                image.rows() / shape.patchRows(),
                image.columns() / shape.patchColumns(),
                shape.patchRows(),
                shape.patchColumns());
    }

    /** Number of patches. */
    public int patches() {
        return rows * columns;
    }

    /** Number of positions, patches and prefix. */
    public int length() {
        return prefix.size() + patches();
    }

    /** Whether a position stands for the whole image. */
    public boolean hasCls() {
        return prefix.contains(CLS);
    }

    /**
     * The position that stands for the whole image.
     *
     * @throws AttentionRangeException where the model has none: its head reads the patches' mean
     */
    public int cls() {
        if (!hasCls()) {
            throw new AttentionRangeException("This model has no [CLS] position; before its patches stand " + prefix
                    + ". Ask from a patch, or for the mean over patches.");
        }
        return prefix.indexOf(CLS);
    }

    /**
     * The position of a patch.
     *
     * @throws AttentionRangeException where there is no such patch
     */
    public int position(int row, int column) {
        AttentionRangeException.check("Patch row", row, rows);
        AttentionRangeException.check("Patch column", column, columns);
        return prefix.size() + row * columns + column;
    }

    /** Of values at every position, those at patches, row by row. */
    public double[] patches(double[] positions) {
        if (positions.length != length()) {
            throw new AttentionRangeException(positions.length + " values were given for a grid of " + rows + " x "
                    + columns + " patches behind " + prefix + ", which are " + length() + " positions.");
        }
        double[] patches = new double[patches()];
        System.arraycopy(positions, prefix.size(), patches, 0, patches.length);
        return patches;
    }

    /** Distance of two patches' middles in pixels. */
    double pixels(int patch, int other) {
        double down = (patch / columns - other / columns) * (double) patchRows;
        double across = (patch % columns - other % columns) * (double) patchColumns;
        return Math.hypot(down, across);
    }
}
