package dev.kausal.engine.tensor;

/**
 * Sizes that were chosen by measurement for one kind of device. They decide how work is cut, so they change speed, memory and
 * the rounding of numbers, but nothing else.
 *
 * @param saturatedRows rows of a group of cells: more make a matrix product no faster per row
 * @param mostLanes groups at once; of more threads, several work on one group
 * @param worthwhileRows fewer rows are no piece of their own only to keep a core busy: every piece reads all weights
 * @param paddedLength prompts up to this length attend in one product whatever their rows: padding costs less than a
 *     product of its own
 * @param attributionRows rows of prompts that direct logit attribution runs together
 * @param logitRows rows of logits over the whole vocabulary that are held at once
 * @param promptRows rows of prompts whose outputs are asked for together
 * @param shardCells cells of a sweep that are computed before their outcomes are kept
 */
public record Tuning(
        int saturatedRows,
        int mostLanes,
        int worthwhileRows,
        int paddedLength,
        int attributionRows,
        int logitRows,
        int promptRows,
        int shardCells) {
    /** Measured on two cores of a desktop processor; decision note 7 has the numbers. */
    public static final Tuning CPU = new Tuning(768, 8, 64, 64, 2048, 128, 1024, 4000);

    /** Checks that each size is at least 1. */
    public Tuning {
        int[] sizes = {
            saturatedRows, mostLanes, worthwhileRows, paddedLength, attributionRows, logitRows, promptRows, shardCells
        };
        for (int size : sizes) {
            if (size < 1) {
                throw new IllegalArgumentException("sizes of a device's tuning must be at least 1, not " + size);
            }
        }
    }
}
