package dev.kausal.engine.model;

/**
 * The parameters that the layers' maths reads, each with its shape there. Matrices multiply packed rows from the right:
 * [input, output]. A checkpoint's own names and layouts are turned into these by an {@link Architecture}'s table.
 */
public enum Parameter {
    /** [vocabulary, d_model]. */
    EMBED(false),
    /** [context, d_model]. */
    POSITION_EMBED(false),
    /** [d_model]. */
    LN1_GAIN(true),
    /** [d_model]. */
    LN1_BIAS(true),
    /** [d_model, heads * d_head]. */
    QUERY(true),
    /** [heads * d_head]. */
    QUERY_BIAS(true),
    /** [d_model, key_value_heads * d_head]. */
    KEY(true),
    /** [key_value_heads * d_head]. */
    KEY_BIAS(true),
    /** [d_model, key_value_heads * d_head]. */
    VALUE(true),
    /** [key_value_heads * d_head]. */
    VALUE_BIAS(true),
    /** [d_model, (heads + 2 * key_value_heads) * d_head]. */
    QKV(true),
    /** [(heads + 2 * key_value_heads) * d_head]. */
    QKV_BIAS(true),
    /** [heads * d_head, d_model]. */
    OUTPUT(true),
    /** [d_model]. */
    OUTPUT_BIAS(true),
    /** [d_model]. */
    LN2_GAIN(true),
    /** [d_model]. */
    LN2_BIAS(true),
    /** [d_model, d_mlp]. */
    GATE(true),
    /** [d_mlp]. */
    GATE_BIAS(true),
    /** [d_model, d_mlp]. */
    MLP_IN(true),
    /** [d_mlp]. */
    MLP_IN_BIAS(true),
    /** [d_mlp, d_model]. */
    MLP_OUT(true),
    /** [d_model]. */
    MLP_OUT_BIAS(true),
    /** [d_model]. */
    FINAL_GAIN(false),
    /** [d_model]. */
    FINAL_BIAS(false),
    /** [d_model, vocabulary]. */
    UNEMBED(false);

    private final boolean perLayer;

    Parameter(boolean perLayer) {
        this.perLayer = perLayer;
    }

    /** Whether every layer has its own. */
    public boolean perLayer() {
        return perLayer;
    }

    /** Shape that the layers' maths expects under {@code config}. */
    public long[] shape(ModelConfig config) {
        long d = config.dModel();
        long q = (long) config.heads() * config.dHead();
        long kv = (long) config.keyValueHeads() * config.dHead();
        long m = config.dMlp();
        return switch (this) {
            case EMBED -> new long[] {config.vocabulary(), d};
            case POSITION_EMBED -> new long[] {config.context(), d};
            case QUERY -> new long[] {d, q};
            case QUERY_BIAS -> new long[] {q};
            case KEY, VALUE -> new long[] {d, kv};
            case KEY_BIAS, VALUE_BIAS -> new long[] {kv};
            case QKV -> new long[] {d, q + 2 * kv};
            case QKV_BIAS -> new long[] {q + 2 * kv};
            case OUTPUT -> new long[] {q, d};
            case GATE, MLP_IN -> new long[] {d, m};
            case GATE_BIAS, MLP_IN_BIAS -> new long[] {m};
            case MLP_OUT -> new long[] {m, d};
            case UNEMBED -> new long[] {d, config.vocabulary()};
            default -> new long[] {d};
        };
    }
}
