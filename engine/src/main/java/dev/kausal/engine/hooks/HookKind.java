package dev.kausal.engine.hooks;

import dev.kausal.engine.model.HeadShape;
import dev.kausal.engine.model.ModelConfig;

/**
 * The hook points of TransformerLens's classic set, by its names, with the axes of what passes there.
 *
 * <p>Layered kinds exist once per block, under {@code blocks.L.}.
 */
public enum HookKind {
    EMBED("hook_embed", false, Axes.RESIDUAL),
    POS_EMBED("hook_pos_embed", false, Axes.RESIDUAL),
    TOKEN_TYPE_EMBED("hook_token_type_embed", false, Axes.RESIDUAL),
    EMBED_LN_SCALE("embed.ln.hook_scale", false, Axes.SCALE),
    EMBED_LN_NORMALIZED("embed.ln.hook_normalized", false, Axes.RESIDUAL),
    FULL_EMBED("hook_full_embed", false, Axes.RESIDUAL),
    RESID_PRE("hook_resid_pre", true, Axes.RESIDUAL),
    ATTN_IN("hook_attn_in", true, Axes.HEAD_INPUT),
    Q_INPUT("hook_q_input", true, Axes.HEAD_INPUT),
    K_INPUT("hook_k_input", true, Axes.KEY_VALUE_HEAD_INPUT),
    V_INPUT("hook_v_input", true, Axes.KEY_VALUE_HEAD_INPUT),
    LN1_SCALE("ln1.hook_scale", true, Axes.SCALE),
    LN1_NORMALIZED("ln1.hook_normalized", true, Axes.RESIDUAL),
    Q("attn.hook_q", true, Axes.HEAD),
    K("attn.hook_k", true, Axes.KEY_VALUE_HEAD),
    V("attn.hook_v", true, Axes.KEY_VALUE_HEAD),
    Q_NORM_SCALE("attn.q_norm.hook_scale", true, Axes.HEAD_SCALE),
    Q_NORM_NORMALIZED("attn.q_norm.hook_normalized", true, Axes.HEAD),
    Q_NORMED("attn.hook_q_normed", true, Axes.HEAD),
    K_NORM_SCALE("attn.k_norm.hook_scale", true, Axes.KEY_VALUE_HEAD_SCALE),
    K_NORM_NORMALIZED("attn.k_norm.hook_normalized", true, Axes.KEY_VALUE_HEAD),
    K_NORMED("attn.hook_k_normed", true, Axes.KEY_VALUE_HEAD),
    ROT_Q("attn.hook_rot_q", true, Axes.HEAD),
    ROT_K("attn.hook_rot_k", true, Axes.KEY_VALUE_HEAD),
    ATTN_SCORES("attn.hook_attn_scores", true, Axes.PATTERN),
    PATTERN("attn.hook_pattern", true, Axes.PATTERN),
    Z("attn.hook_z", true, Axes.HEAD),
    RESULT("attn.hook_result", true, Axes.HEAD_RESULT),
    LN1_POST_SCALE("ln1_post.hook_scale", true, Axes.SCALE),
    LN1_POST_NORMALIZED("ln1_post.hook_normalized", true, Axes.RESIDUAL),
    ATTN_OUT("hook_attn_out", true, Axes.RESIDUAL),
    RESID_MID("hook_resid_mid", true, Axes.RESIDUAL),
    MLP_IN("hook_mlp_in", true, Axes.RESIDUAL),
    LN2_SCALE("ln2.hook_scale", true, Axes.SCALE),
    LN2_NORMALIZED("ln2.hook_normalized", true, Axes.RESIDUAL),
    PRE("mlp.hook_pre", true, Axes.NEURON),
    PRE_LINEAR("mlp.hook_pre_linear", true, Axes.NEURON),
    POST("mlp.hook_post", true, Axes.NEURON),
    LN2_POST_SCALE("ln2_post.hook_scale", true, Axes.SCALE),
    LN2_POST_NORMALIZED("ln2_post.hook_normalized", true, Axes.RESIDUAL),
    MLP_OUT("hook_mlp_out", true, Axes.RESIDUAL),
    RESID_POST("hook_resid_post", true, Axes.RESIDUAL),
    NORMALIZED_RESID_POST("hook_normalized_resid_post", true, Axes.RESIDUAL),
    MLM_PRE("mlm_head.hook_pre", false, Axes.RESIDUAL),
    MLM_POST("mlm_head.hook_post", false, Axes.RESIDUAL),
    FINAL_SCALE("ln_final.hook_scale", false, Axes.SCALE),
    FINAL_NORMALIZED("ln_final.hook_normalized", false, Axes.RESIDUAL),
    POOLER_OUT("pooler.hook_pooler_out", false, Axes.POOLED),
    HEAD_LN_SCALE("mlm_head.ln.hook_scale", false, Axes.SCALE),
    HEAD_LN_NORMALIZED("mlm_head.ln.hook_normalized", false, Axes.RESIDUAL),
    LOGITS("hook_logits", false, Axes.LOGITS);

    /** How far a change at a point reaches within its own layer. */
    public enum Reach {
        /** Before layer 0: whatever reads that row of the stream. */
        STREAM,
        /** The row's keys and values, and so every row that attends to it. */
        ATTENTION,
        /** The row itself; other rows see it from the next layer on. */
        ROW,
        /** What is read off the last layer's stream, row by row. */
        READOUT,
        /** What a head makes of the rows that it pools: one row per input. */
        POOLED
    }

    /** What a hook sees; the batch axis counts the sequences of one length that run together. */
    public enum Axes {
        /** [batch, position, d_model]. */
        RESIDUAL,
        /** [batch, position, 1]. */
        SCALE,
        /** [batch, position, head, 1]; [batch, position, 1] where one norm spans all heads. */
        HEAD_SCALE,
        /** [batch, position, key-value head, 1]; [batch, position, 1] where one norm spans all heads. */
        KEY_VALUE_HEAD_SCALE,
        /** [batch, position, head, d_head]; [batch, position, heads * d_head] in a norm that spans all heads. */
        HEAD,
        /** [batch, position, key-value head, d_head]. */
        KEY_VALUE_HEAD,
        /** [batch, position, head, d_model], before the norm. */
        HEAD_INPUT,
        /** [batch, position, key-value head, d_model], before the norm. */
        KEY_VALUE_HEAD_INPUT,
        /** [batch, position, head, d_model], what each head writes. */
        HEAD_RESULT,
        /** [batch, head, query, key]. */
        PATTERN,
        /** [batch, position, d_mlp]. */
        NEURON,
        /** [batch, 1, width of what the classifier reads]. */
        POOLED,
        /** [batch, position, vocabulary]; of a classifier [batch, 1, classes]. */
        LOGITS
    }

    private final String suffix;
    private final boolean layered;
    private final Axes axes;

    HookKind(String suffix, boolean layered, Axes axes) {
        this.suffix = suffix;
        this.layered = layered;
        this.axes = axes;
    }

    /** Whether every block has one. */
    public boolean layered() {
        return layered;
    }

    /** What passes there. */
    public Axes axes() {
        return axes;
    }

    /** How far a change here reaches within a layer of a model of these choices. */
    Reach reach(ModelConfig config) {
        return switch (this) {
            case EMBED, POS_EMBED, TOKEN_TYPE_EMBED, EMBED_LN_SCALE, EMBED_LN_NORMALIZED, FULL_EMBED -> Reach.STREAM;
            case LN1_SCALE, LN1_NORMALIZED -> config.block().order().normsInput() ? Reach.ATTENTION : Reach.ROW;
            case RESID_PRE, ATTN_IN, K_INPUT, V_INPUT, K, V, K_NORM_SCALE, K_NORM_NORMALIZED, K_NORMED, ROT_K ->
                Reach.ATTENTION;
            case MLM_PRE, MLM_POST -> Reach.READOUT;
            case FINAL_SCALE, FINAL_NORMALIZED ->
                config.head().norm() == HeadShape.NormAt.POOLED_ROW ? Reach.POOLED : Reach.READOUT;
            case POOLER_OUT -> Reach.POOLED;
            case LOGITS, HEAD_LN_SCALE, HEAD_LN_NORMALIZED -> config.head().pooled() ? Reach.POOLED : Reach.READOUT;
            default -> Reach.ROW;
        };
    }

    /** Whether it shows each head its own copy of the stream, before the norm: {@code hook_attn_in} and its like. */
    public boolean inputPerHead() {
        return axes == Axes.HEAD_INPUT || axes == Axes.KEY_VALUE_HEAD_INPUT;
    }

    /** The canonical name; {@code layer} is read where {@link #layered()}. */
    public String name(int layer) {
        return layered ? "blocks." + layer + "." + suffix : suffix;
    }
}
