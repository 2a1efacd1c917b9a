package dev.kausal.engine.forward;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import dev.kausal.engine.rows.AttentionGroup;
import dev.kausal.engine.rows.RowLayout;
import dev.kausal.engine.tensor.Slices;
import java.util.Arrays;

/** Pools packed rows into one row per variant. */
final class Pooling {
    private final OutputHeadConfig.Pool pool;
    private final int prefix;
    private final NDArray x;

    private final AttentionPool attention;

    private Pooling(OutputHeadConfig.Pool pool, int prefix, NDArray x, AttentionPool attention) {
        this.pool = pool;
        this.prefix = prefix;
        this.x = x;
        this.attention = attention;
    }

    /**
     * Pools rows.
     *
     * @param x [row, d_model] of {@code layout}, which includes every row that the head reads
     * @param attention attention pooling
     * @return [variant, width]
     */
    static NDArray of(ModelConfig config, RowLayout layout, NDArray x, AttentionPool attention) {
        // A model without a head still has a pooler hook point, which reads the first row.
        OutputHeadConfig.Pool own = config.head().pool();
        OutputHeadConfig.Pool pool = own == OutputHeadConfig.Pool.EVERY_ROW ? OutputHeadConfig.Pool.FIRST : own;
        Pooling pooling = new Pooling(pool, config.prefix(), x, attention);
        NDList rows = new NDList();
        for (AttentionGroup segment : layout.segments()) {
            int start = segment.start();
            for (int[] positions : segment.positions()) {
                rows.add(pooling.variant(start, positions));
                start += positions.length;
            }
        }
        return NDArrays.stack(rows);
    }

    private NDArray variant(int start, int[] positions) {
        return switch (pool) {
            case FIRST -> at(start, positions, 0);
            case LAST -> x.get(start + positions.length - 1L);
            case FIRST_TWO -> at(start, positions, 0).concat(at(start, positions, 1));
            case PATCH_MEAN -> patchMean(start, positions);
            case FIRST_AND_PATCH_MEAN -> at(start, positions, 0).concat(patchMean(start, positions));
            case ATTENTION -> attention.of(patches(start, positions));
            case EVERY_ROW -> throw new IllegalStateException("this head does not pool");
        };
    }

    private NDArray at(int start, int[] positions, int position) {
        return x.get(start + Arrays.binarySearch(positions, position));
    }

    private NDArray patchMean(int start, int[] positions) {
        return patches(start, positions).mean(new int[] {0});
    }

    private NDArray patches(int start, int[] positions) {
        int first = Arrays.binarySearch(positions, prefix);
        return Slices.of(x, 0, start + first, start + positions.length);
    }
}
