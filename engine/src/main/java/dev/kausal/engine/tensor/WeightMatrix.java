package dev.kausal.engine.tensor;

import ai.djl.ndarray.NDArray;

/**
 * A weight [in, out] that rows are multiplied with, stored in the precision of these products. Its owner is the model;
 * what its functions return belongs to the open NDScope.
 *
 * @param stored numbers in {@code precision}; an array in bfloat16 may only be passed to {@link Fused}
 */
public record WeightMatrix(NDArray stored, Precision precision) {
    /** Returns x [rows, in] · weight: [rows, out] in float32. */
    public NDArray times(NDArray x) {
        if (precision == Precision.FLOAT32) {
            return WeightProduct.of(x, stored);
        }
        return x.getDevice().isGpu() || Bfloat16.inProcessor()
                ? Fused.bfloat16Product(x, stored)
                : Fused.roundedProduct(x, stored);
    }

    /** Returns the same as {@link WeightProduct#inBlocks} does, for {@link WeightProduct#joined}. */
    public NDArray timesInBlocks(NDArray x) {
        return precision == Precision.FLOAT32 ? WeightProduct.inBlocks(x, stored) : times(x);
    }

    /** Returns some of the weight's columns [in, to − from]. */
    public WeightMatrix columns(long from, long to) {
        return new WeightMatrix(Slices.of(stored, 1, from, to), precision);
    }

    /** Returns the numbers in float32: the array itself if it is stored so. */
    public NDArray float32() {
        return precision == Precision.FLOAT32 ? stored : Fused.toFloat32(stored);
    }

    /** Returns float32 numbers rounded to the precision of products, still in float32: what a product reads or returns. */
    public NDArray rounded(NDArray x) {
        return precision == Precision.FLOAT32 ? x : Fused.roundedToBfloat16(x);
    }
}
