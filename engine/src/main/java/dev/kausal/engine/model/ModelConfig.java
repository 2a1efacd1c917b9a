package dev.kausal.engine.model;

/**
 * The sizes and choices that a decoder's forward pass depends on.
 *
 * @param family name of the {@link Architecture}, such as {@code llama}
 * @param layers number of blocks
 * @param heads query heads per block
 * @param keyValueHeads key and value heads per block; divides {@code heads}
 * @param dModel width of the residual stream
 * @param dHead width of one head; {@code heads * dHead} need not be {@code dModel}
 * @param dMlp neurons per MLP
 * @param vocabulary number of tokens
 * @param context longest sequence
 * @param normEpsilon added to the variance (or mean square) under the root
 * @param ropeTheta base of the rotary wavelengths; NaN where positions are learned
 * @param activation the MLP's non-linearity
 * @param tiedUnembedding whether W_U is the transpose of W_E
 */
public record ModelConfig(
        String family,
        int layers,
        int heads,
        int keyValueHeads,
        int dModel,
        int dHead,
        int dMlp,
        int vocabulary,
        int context,
        double normEpsilon,
        double ropeTheta,
        Activation activation,
        boolean tiedUnembedding) {
    /** Whether positions enter by rotating queries and keys. */
    public boolean rotary() {
        return !Double.isNaN(ropeTheta);
    }

    /** Query heads that share one key and value head. */
    public int groupSize() {
        return heads / keyValueHeads;
    }
}
