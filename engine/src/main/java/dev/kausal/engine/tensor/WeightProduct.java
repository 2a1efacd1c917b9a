package dev.kausal.engine.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/**
 * Products of rows with a weight in float32, on the open NDScope.
 *
 * <p>If several threads share a product, the library gives each some of the rows, so that each reads the whole weight. For
 * up to {@link #MOST_ROWS} rows it is faster to give each some of the outputs: one product per block of outputs, each on
 * one thread.
 */
public final class WeightProduct {
    private static final int MOST_ROWS = 512;
    private static final int NARROWEST = 64;
    private static final int WIDEST = 768;

    private WeightProduct() {}

    /**
     * Returns x · weight.
     *
     * @param x [..., in]
     * @param weight [in, out]
     * @return [..., out]
     */
    public static NDArray of(NDArray x, NDArray weight) {
        long blocks = blocks(x, weight);
        return blocks == 1 ? x.matMul(weight) : Fused.joinedProduct(x, split(weight, blocks));
    }

    /**
     * Returns x · weight with outputs as they are computed, for operations on single elements before {@link #joined}. Weights
     * of the same shape give the same blocks.
     *
     * @param x [row, in]
     * @param weight [in, out]
     * @return [block, row, output of the block]; [row, out] if outputs are not split
     */
    static NDArray inBlocks(NDArray x, NDArray weight) {
        long blocks = blocks(x, weight);
        return blocks == 1 ? x.matMul(weight) : Fused.productBlocks(x, split(weight, blocks));
    }

    /** Returns the result of {@link #inBlocks} as [row, out]. */
    public static NDArray joined(NDArray product) {
        Shape shape = product.getShape();
        return shape.dimension() == 2
                ? product
                : product.transpose(1, 0, 2).reshape(shape.get(1), shape.get(0) * shape.get(2));
    }

    private static NDArray split(NDArray weight, long blocks) {
        Shape shape = weight.getShape();
        return weight.reshape(shape.get(0), blocks, shape.get(1) / blocks);
    }

    private static long blocks(NDArray x, NDArray weight) {
        Shape shape = x.getShape();
        return shape.dimension() != 2
                        || shape.get(0) > MOST_ROWS
                        || x.getDevice().isGpu()
                        || Recording.on()
                ? 1
                : blocks(weight.getShape().get(1), Torch.threads());
    }

    /**
     * Returns into how many equal blocks outputs are split: a multiple of {@code threads}, at least twice as many if possible, so
     * that a thread that is done early has more to do. Returns 1 for one thread, or if there is no such number.
     */
    static long blocks(long outputs, int threads) {
        long found = 1;
        for (long blocks = threads; threads > 1 && outputs / blocks >= NARROWEST; blocks += threads) {
            if (outputs % blocks == 0) {
                found = blocks;
                if (blocks > threads && outputs / blocks <= WIDEST) {
                    return found;
                }
            }
        }
        return found;
    }
}
