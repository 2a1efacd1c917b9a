package dev.kausal.engine.model;

/**
 * The variant of what stands before the first block and after the last.
 *
 * @param embedScale what token embeddings are multiplied by
 * @param learnedPositions whether position embeddings are added
 * @param positionOffset row of the position table that position 0 reads
 * @param finalSoftCap logits become cap · tanh(logit / cap); 0 for none
 */
public record EndShape(double embedScale, boolean learnedPositions, int positionOffset, double finalSoftCap) {
    /** Token embeddings alone. */
    static final EndShape PLAIN = new EndShape(1, false, 0, 0);

    /** Token and learned position embeddings. */
    static EndShape positions(int offset) {
        return new EndShape(1, true, offset, 0);
    }
}
