package dev.kausal.engine.replacement;

/**
 * Direct effects in the local replacement model of one prompt.
 *
 * <p>Sources are the features, then the errors by layer and position, then the tokens. Targets are the features, then the logits. A
 * feature's direct effect on another is the part of the other's pre-activation that it adds: its activation times its decoder
 * vector, through frozen attention and norms, on the other's encoder vector.
 *
 * @param layers number of layers
 * @param positions number of positions of the prompt
 * @param active number of active features of the prompt
 * @param features features that are nodes, by layer, position and number
 * @param logits tokens whose logits are nodes, most likely first
 * @param probabilities their probabilities
 * @param values their logits minus the mean logit, before any soft cap
 * @param rows direct effects [target][source]
 */
@SuppressWarnings("ArrayRecordComponent") // compared by no one
public record AttributionGraph(
        int layers,
        int positions,
        int active,
        ActiveFeature[] features,
        int[] logits,
        double[] probabilities,
        float[] values,
        float[][] rows) {
    /** An active feature of a prompt. */
    public record ActiveFeature(int layer, int position, int feature, float activation) {}

    /** Returns the number of sources. */
    public int sources() {
        return features.length + (layers + 1) * positions;
    }

    /** Returns the source that is an error. */
    public int error(int layer, int position) {
        return features.length + layer * positions + position;
    }

    /** Returns the source that is a token. */
    public int token(int position) {
        return error(layers, position);
    }
}
