package dev.kausal.engine.tensor;

/**
 * Sizes chosen by measurement for one kind of device. They determine how work is divided, so they affect only speed,
 * memory and rounding.
 *
 * @param saturatedRows rows in a group of cells above which a matrix product gets no faster per row
 * @param mostLanes maximum number of parallel groups; with more threads, several work on one group
 * @param worthwhileRows minimum rows per group: below this, splitting costs more than an idle core, as each group reads
 *     all weights
 * @param paddedLength prompts up to this length attend in one padded product: padding costs less than separate products
 * @param blockwiseScores scores of a head and variant from which on attention is computed block by block, without
 *     keeping them, unless they are hooked
 * @param attributionRows rows of prompts that direct logit attribution runs together
 * @param logitRows rows of logits over the whole vocabulary that are held at once
 * @param promptRows rows of prompts whose outputs are requested together
 * @param recordedBytes bytes of a recording from which on the backward pass computes each layer again, so that the
 *     recording holds one layer at a time
 * @param shardCells cells of a sweep that are computed before their outcomes are saved
 */
public record Tuning(
        int saturatedRows,
        int mostLanes,
        int worthwhileRows,
        int paddedLength,
        int blockwiseScores,
        int attributionRows,
        int logitRows,
        int promptRows,
        long recordedBytes,
        int shardCells) {
    /** Measured on two cores of a desktop processor; numbers are in decision note 7. */
    public static final Tuning CPU = new Tuning(768, 8, 64, 64, 1 << 15, 2048, 128, 1024, 3L << 29, 4000);

    /**
     * For GPUs, not yet measured on one. Groups are large, since each operation has a fixed cost there, and in one lane,
     * since a GPU computes one operation at a time. The kernel of attention is the processor's.
     */
    public static final Tuning CUDA =
            new Tuning(16_384, 1, 64, 512, Integer.MAX_VALUE, 32_768, 2_048, 16_384, 1L << 33, 40_000);

    /**
     * Returns the sizes for a model whose layers are decoded for each pass: more rows pass together, so that decoding
     * is a small part of the work, and in one lane, so that one layer is in use at a time.
     */
    public Tuning streaming() {
        return new Tuning(
                STREAMED * saturatedRows,
                1,
                worthwhileRows,
                paddedLength,
                blockwiseScores,
                STREAMED * attributionRows,
                logitRows,
                STREAMED * promptRows,
                0, // A recording keeps the weights that it used.
                STREAMED * shardCells);
    }

    private static final int STREAMED = 8;

    /** Checks that each size is at least 1. */
    public Tuning {
        int[] sizes = {
            saturatedRows,
            mostLanes,
            worthwhileRows,
            paddedLength,
            blockwiseScores,
            attributionRows,
            logitRows,
            promptRows,
            shardCells
        };
        for (int size : sizes) {
            if (size < 1) {
                throw new IllegalArgumentException("the sizes of a device's tuning must be at least 1, not " + size);
            }
        }
    }
}
