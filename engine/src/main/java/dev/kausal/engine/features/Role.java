package dev.kausal.engine.features;

/** Tensors of a dictionary, in the orientation that {@link Dictionary} uses. */
enum Role {
    /** [d_in, d_sae]. */
    ENCODER,
    /** [d_sae, d_out]. */
    DECODER,
    /** [d_sae]. */
    ENCODER_BIAS,
    /** [d_out]. */
    DECODER_BIAS,
    /** [d_sae]. */
    THRESHOLD,
    /** [d_sae]. */
    GATE_BIAS,
    /** [d_sae]. */
    MAGNITUDE_BIAS,
    /** [d_sae], as a logarithm. */
    MAGNITUDE_SCALE,
    /** [d_in, d_out]. */
    SKIP
}
