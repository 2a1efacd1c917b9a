package dev.kausal.engine.features;

/** How a dictionary turns pre-activations into activations of features. */
public enum Encoding {
    /** max(p, 0). */
    RELU("ReLU"),
    /** max(m, 0) if a second, gating pre-activation is above 0 (Rajamanoharan et al. 2024a). */
    GATED("gated"),
    /** max(p, 0) if p is above the feature's threshold (Rajamanoharan et al. 2024b). */
    JUMP_RELU("JumpReLU"),
    /** max(p, 0) of the k largest (Gao et al. 2024). */
    TOP_K("TopK");

    private final String label;

    Encoding(String label) {
        this.label = label;
    }

    /** Returns its name in reports. */
    public String label() {
        return label;
    }
}
