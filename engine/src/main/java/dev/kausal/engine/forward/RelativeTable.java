package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.PatchConfig;
import dev.kausal.engine.errors.Present;
import dev.kausal.engine.rows.AttentionGroup;
import dev.kausal.engine.rows.Extent;
import dev.kausal.engine.tensor.Recording;
import dev.kausal.engine.tensor.Resampling;
import dev.kausal.engine.tensor.Slices;

/**
 * Rows of a bias table [distance, head] by query and key, as in BEiT (Bao et al. 2021): one for each difference of
 * patch rows and columns, then one for the prefix attending to a patch, one for a patch attending to the prefix, and
 * one for the prefix attending to itself.
 */
final class RelativeTable implements RelativePositions {
    /** Number of table rows that are not between two patches. */
    private static final int OTHERS = PatchConfig.OTHER_DISTANCES;

    private final PatchConfig shape;
    private final ModelConfig config;
    private final int heads;

    /** Creates the table of a model that reads images. */
    RelativeTable(ModelConfig config) {
        this.config = config;
        this.shape = config.embedding().image().orElseThrow();
        this.heads = config.heads();
    }

    @Override
    public int row(AttentionGroup segment, int query, int key) {
        Extent extent = segment.extent();
        int across = extent.across(shape);
        int down = extent.down(shape);
        int wide = 2 * across - 1;
        int patches = (2 * down - 1) * wide;
        if (query == 0 || key == 0) {
            return patches + (query != 0 ? 1 : key != 0 ? 0 : 2);
        }
        int rows = (query - 1) / across - (key - 1) / across + down - 1;
        int columns = (query - 1) % across - (key - 1) % across + across - 1;
        return rows * wide + columns;
    }

    /**
     * Returns the table for images of this extent, resampled bilinearly if it differs from the model's own.
     *
     * @param table table for the model's own images [distance, head]
     */
    NDArray table(NDArray table, Extent extent, NDManager local) {
        // As in the library: rows and columns are swapped, which matters unless the grid is square.
        int fromRows = 2 * Extent.of(shape).across(shape) - 1;
        int fromColumns = 2 * Extent.of(shape).down(shape) - 1;
        int toRows = 2 * extent.down(shape) - 1;
        int toColumns = 2 * extent.across(shape) - 1;
        if (fromRows == toRows && fromColumns == toColumns) {
            return table;
        }
        int patches = fromRows * fromColumns;
        NDArray wide = matrix(fromColumns, toColumns, local)
                .expandDims(0)
                .repeat(0, fromRows)
                .matMul(Slices.of(table, 0, 0, patches).reshape(fromRows, fromColumns, heads));
        NDArray resampled = matrix(fromRows, toRows, local)
                .matMul(wide.reshape(fromRows, (long) toColumns * heads))
                .reshape((long) toRows * toColumns, heads);
        return NDArrays.concat(new NDList(resampled, Slices.of(table, 0, patches, patches + OTHERS)));
    }

    private static NDArray matrix(int from, int to, NDManager local) {
        return Recording.nativeCopy(local.create(Resampling.linear(from, to).matrix(from), new Shape(to, from)));
    }

    @Override
    public NDArray added(Transformer model, int layer, Scored scored) {
        AttentionBatch rows = scored.rows();
        NDArray distances = Present.of(rows.distances(), "distances of these rows");
        NDArray bias = model.weights().layers().get(layer).relativeBias();
        NDArray table = table(
                Present.of(bias, "table of distances in layer " + layer),
                scored.segment().extent(),
                distances.getManager());
        int keys = rows.lent() + rows.own();
        return Slices.gather(table, distances)
                .reshape(-1, rows.queries(), keys, config.keyValueHeads(), config.groupSize())
                .transpose(3, 0, 4, 1, 2);
    }
}
