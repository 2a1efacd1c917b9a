package dev.kausal.engine.config;

import dev.kausal.engine.family.Architecture;

/**
 * The parameters that the layers' maths reads, each with its shape there. Matrices multiply packed rows from the right:
 * [input, output]. An {@link Architecture}'s table maps a checkpoint's names and layouts to these.
 */
public enum Parameter {
    /** [vocabulary, embedding width]; the embedding width is d_model in most models. */
    EMBED(false),
    /** Dense layer from embeddings to the stream, if their widths differ [embedding width, d_model]. */
    EMBED_PROJECTION(false),
    /** [d_model]. */
    EMBED_PROJECTION_BIAS(false),
    /** [numbers in a patch, d_model]. */
    PATCH_EMBED(false),
    /** [d_model]. */
    PATCH_EMBED_BIAS(false),
    /** [1, d_model]. */
    CLASS_TOKEN(false),
    /** [1, d_model]. */
    DISTILLATION_TOKEN(false),
    /** [registers, d_model]. */
    REGISTER_TOKENS(false),
    /** [token types, embedding width]. */
    TOKEN_TYPE_EMBED(false),
    /** [embedding width], or [d_model] if embeddings are projected first. */
    EMBED_NORM_GAIN(false),
    /** Shaped as its gain. */
    EMBED_NORM_BIAS(false),
    /** [position offset + context, embedding width]; for images [positions with an embedding, d_model]. */
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
    /** [d_head], or [heads * d_head] if one norm spans all heads. */
    QUERY_NORM_GAIN(true),
    /** Shaped as its gain. */
    QUERY_NORM_BIAS(true),
    /** [d_head], or [key_value_heads * d_head] if one norm spans all heads. */
    KEY_NORM_GAIN(true),
    /** Shaped as its gain. */
    KEY_NORM_BIAS(true),
    /** Bias on scores by relative position [distances, heads]. */
    RELATIVE_BIAS(true),
    /** Relative-position bias of all layers; merged into each layer's own [distances, heads]. */
    SHARED_RELATIVE_BIAS(false),
    /** Embeddings of relative distances, multiplied with queries and keys [rows of the table, d_model]. */
    RELATIVE_EMBED(false),
    /** Gain of their norm [d_model]. */
    RELATIVE_NORM_GAIN(false),
    /** [d_model]. */
    RELATIVE_NORM_BIAS(false),
    /** Projects distances for queries, if not by the key projection [d_model, heads * d_head]. */
    RELATIVE_KEY(true),
    /** [heads * d_head]. */
    RELATIVE_KEY_BIAS(true),
    /** Projects distances for keys, if not by the query projection [d_model, heads * d_head]. */
    RELATIVE_QUERY(true),
    /** [heads * d_head]. */
    RELATIVE_QUERY_BIAS(true),
    /** [heads * d_head, d_model]. */
    OUTPUT(true),
    /** [d_model]. */
    OUTPUT_BIAS(true),
    /** [d_model]. */
    LN1_POST_GAIN(true),
    /** [d_model]. */
    LN2_GAIN(true),
    /** [d_model]. */
    LN2_BIAS(true),
    /** [d_model]. */
    LN2_POST_GAIN(true),
    /** [d_model, d_mlp]. */
    GATE(true),
    /** [d_mlp]. */
    GATE_BIAS(true),
    /** The gate, then the ungated branch [d_model, 2 * d_mlp]. */
    GATE_AND_IN(true),
    /** [2 * d_mlp]. */
    GATE_AND_IN_BIAS(true),
    /** [d_model, d_mlp]. */
    MLP_IN(true),
    /** [d_mlp]. */
    MLP_IN_BIAS(true),
    /** [d_mlp, d_model]. */
    MLP_OUT(true),
    /** [d_model]. */
    MLP_OUT_BIAS(true),
    /** Layer scale of attention's output; merged into the output projection [d_model]. */
    ATTENTION_SCALE(true),
    /** Layer scale of the MLP's output; merged likewise [d_model]. */
    MLP_SCALE(true),
    /** [width of the final norm's rows]. */
    FINAL_GAIN(false),
    /** [width of the final norm's rows]. */
    FINAL_BIAS(false),
    /** Dense layer of a masked-LM head [d_model, width of the final norm's rows]. */
    TRANSFORM(false),
    /** [width of the final norm's rows]. */
    TRANSFORM_BIAS(false),
    /** Second norm, after the head's dense layer, if the final norm precedes that layer [d_model]. */
    HEAD_NORM_GAIN(false),
    /** [d_model]. */
    HEAD_NORM_BIAS(false),
    /** Dense layer of the pooled row [d_model, d_model]. */
    POOLER(false),
    /** [d_model]. */
    POOLER_BIAS(false),
    /** Learned query of attention pooling [1, d_model]. */
    POOL_PROBE(false),
    /** Projection of that query [d_model, d_model]. */
    POOL_QUERY(false),
    /** [d_model]. */
    POOL_QUERY_BIAS(false),
    /** Key and value projections of attention pooling [d_model, 2 * d_model]. */
    POOL_KEY_VALUE(false),
    /** [2 * d_model]. */
    POOL_KEY_VALUE_BIAS(false),
    /** The three projections as one [d_model, 3 * d_model]. */
    POOL_QKV(false),
    /** [3 * d_model]. */
    POOL_QKV_BIAS(false),
    /** [d_model, d_model]. */
    POOL_OUTPUT(false),
    /** [d_model]. */
    POOL_OUTPUT_BIAS(false),
    /** [d_model]. */
    POOL_NORM_GAIN(false),
    /** [d_model]. */
    POOL_NORM_BIAS(false),
    /** [d_model, d_mlp]. */
    POOL_MLP_IN(false),
    /** [d_mlp]. */
    POOL_MLP_IN_BIAS(false),
    /** [d_mlp, d_model]. */
    POOL_MLP_OUT(false),
    /** [d_model]. */
    POOL_MLP_OUT_BIAS(false),
    /** [width of the head's input, outputs]. */
    UNEMBED(false),
    /** [outputs]. */
    UNEMBED_BIAS(false),
    /** Classifier of the second row, if the head reads two; shaped as the first. */
    SECOND_UNEMBED(false),
    /** [outputs]. */
    SECOND_UNEMBED_BIAS(false);

    private final boolean perLayer;

    Parameter(boolean perLayer) {
        this.perLayer = perLayer;
    }

    /** Returns whether the parameter exists once per layer. */
    public boolean perLayer() {
        return perLayer;
    }

    /** Returns the shape that the layers' maths expects under {@code config}. */
    public long[] shape(ModelConfig config) {
        long d = config.dModel();
        long e = config.embedWidth();
        long q = (long) config.heads() * config.dHead();
        long kv = (long) config.keyValueHeads() * config.dHead();
        long m = config.dMlp();
        return switch (this) {
            case EMBED -> new long[] {config.vocabulary(), e};
            case EMBED_PROJECTION -> new long[] {e, d};
            case EMBED_NORM_GAIN, EMBED_NORM_BIAS ->
                new long[] {config.embedding().projectsFirst() ? d : e};
            case FINAL_GAIN, FINAL_BIAS, TRANSFORM_BIAS -> new long[] {config.headWidth()};
            case POSITION_EMBED -> new long[] {config.embedding().positionRows(config.context()), e};
            case PATCH_EMBED -> new long[] {image(config).patchWidth(), d};
            case CLASS_TOKEN, DISTILLATION_TOKEN, POOL_PROBE -> new long[] {1, d};
            case REGISTER_TOKENS -> new long[] {image(config).registers(), d};
            case GATE_AND_IN_BIAS -> new long[] {2 * m};
            case QUERY, RELATIVE_KEY, RELATIVE_QUERY -> new long[] {d, q};
            case QUERY_BIAS, RELATIVE_KEY_BIAS, RELATIVE_QUERY_BIAS -> new long[] {q};
            case KEY, VALUE -> new long[] {d, kv};
            case KEY_BIAS, VALUE_BIAS -> new long[] {kv};
            case QKV -> new long[] {d, q + 2 * kv};
            case QKV_BIAS -> new long[] {q + 2 * kv};
            case QUERY_NORM_GAIN, QUERY_NORM_BIAS -> headNorm(config, q);
            case KEY_NORM_GAIN, KEY_NORM_BIAS -> headNorm(config, kv);
            case RELATIVE_BIAS, SHARED_RELATIVE_BIAS ->
                new long[] {image(config).distances(), config.heads()};
            case RELATIVE_EMBED -> new long[] {distances(config), d};
            case OUTPUT -> new long[] {q, d};
            case GATE, MLP_IN, POOL_MLP_IN -> new long[] {d, m};
            case GATE_BIAS, MLP_IN_BIAS, POOL_MLP_IN_BIAS -> new long[] {m};
            case MLP_OUT, POOL_MLP_OUT -> new long[] {m, d};
            case GATE_AND_IN -> new long[] {d, 2 * m};
            case TOKEN_TYPE_EMBED -> new long[] {config.embedding().tokenTypes(), e};
            case TRANSFORM -> new long[] {d, config.headWidth()};
            case POOL_KEY_VALUE -> new long[] {d, 2 * d};
            case POOL_KEY_VALUE_BIAS -> new long[] {2 * d};
            case POOL_QKV -> new long[] {d, 3 * d};
            case POOL_QKV_BIAS -> new long[] {3 * d};
            case POOLER, POOL_QUERY, POOL_OUTPUT -> new long[] {d, d};
            case UNEMBED_BIAS, SECOND_UNEMBED_BIAS -> new long[] {config.outputs()};
            case UNEMBED, SECOND_UNEMBED -> new long[] {config.head().width(config.headWidth()), config.outputs()};
            default -> new long[] {d};
        };
    }

    private static PatchConfig image(ModelConfig config) {
        return config.embedding().image().orElseThrow();
    }

    private static long distances(ModelConfig config) {
        return config.attention().relative().rows();
    }

    private static long[] headNorm(ModelConfig config, long allHeads) {
        boolean all = config.attention().headNorm() == AttentionConfig.HeadNorm.ALL_HEADS;
        return new long[] {all ? allHeads : config.dHead()};
    }
}
