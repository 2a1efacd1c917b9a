package dev.kausal.engine.hooks;

import dev.kausal.engine.config.AttentionConfig;
import dev.kausal.engine.config.ModelConfig;
import dev.kausal.engine.config.OutputHeadConfig;
import java.util.List;

/**
 * The hook points of TransformerLens's classic set, by its names, with the axes of their activations.
 *
 * <p>Layered kinds exist once per block, under {@code blocks.L.}.
 */
public enum HookKind {
    EMBED("hook_embed", false, Axis.POSITION, Axis.D_EMBED),
    POS_EMBED("hook_pos_embed", false, Axis.POSITION, Axis.D_EMBED),
    TOKEN_TYPE_EMBED("hook_token_type_embed", false, Axis.POSITION, Axis.D_EMBED),
    EMBED_LN_SCALE("embed.ln.hook_scale", false, Axis.POSITION, Axis.SCALE),
    EMBED_LN_NORMALIZED("embed.ln.hook_normalized", false, Axis.POSITION, Axis.D_EMBED),
    FULL_EMBED("hook_full_embed", false, Axis.POSITION, Axis.D_EMBED),
    RESID_PRE("hook_resid_pre", true, Axis.POSITION, Axis.D_MODEL),
    ATTN_IN("hook_attn_in", true, Axis.POSITION, Axis.HEAD, Axis.D_MODEL),
    Q_INPUT("hook_q_input", true, Axis.POSITION, Axis.HEAD, Axis.D_MODEL),
    K_INPUT("hook_k_input", true, Axis.POSITION, Axis.KEY_VALUE_HEAD, Axis.D_MODEL),
    V_INPUT("hook_v_input", true, Axis.POSITION, Axis.KEY_VALUE_HEAD, Axis.D_MODEL),
    LN1_SCALE("ln1.hook_scale", true, Axis.POSITION, Axis.SCALE),
    LN1_NORMALIZED("ln1.hook_normalized", true, Axis.POSITION, Axis.D_MODEL),
    Q("attn.hook_q", true, Axis.POSITION, Axis.HEAD, Axis.D_HEAD),
    K("attn.hook_k", true, Axis.POSITION, Axis.KEY_VALUE_HEAD, Axis.D_HEAD),
    V("attn.hook_v", true, Axis.POSITION, Axis.KEY_VALUE_HEAD, Axis.D_HEAD),
    Q_NORM_SCALE("attn.q_norm.hook_scale", true, Axis.POSITION, Axis.HEAD, Axis.SCALE),
    Q_NORM_NORMALIZED("attn.q_norm.hook_normalized", true, Axis.POSITION, Axis.HEAD, Axis.D_HEAD),
    Q_NORMED("attn.hook_q_normed", true, Axis.POSITION, Axis.HEAD, Axis.D_HEAD),
    K_NORM_SCALE("attn.k_norm.hook_scale", true, Axis.POSITION, Axis.KEY_VALUE_HEAD, Axis.SCALE),
    K_NORM_NORMALIZED("attn.k_norm.hook_normalized", true, Axis.POSITION, Axis.KEY_VALUE_HEAD, Axis.D_HEAD),
    K_NORMED("attn.hook_k_normed", true, Axis.POSITION, Axis.KEY_VALUE_HEAD, Axis.D_HEAD),
    ROT_Q("attn.hook_rot_q", true, Axis.POSITION, Axis.HEAD, Axis.D_HEAD),
    ROT_K("attn.hook_rot_k", true, Axis.POSITION, Axis.KEY_VALUE_HEAD, Axis.D_HEAD),
    ATTN_SCORES("attn.hook_attn_scores", true, Axis.HEAD, Axis.QUERY, Axis.KEY),
    PATTERN("attn.hook_pattern", true, Axis.HEAD, Axis.QUERY, Axis.KEY),
    Z("attn.hook_z", true, Axis.POSITION, Axis.HEAD, Axis.D_HEAD),
    RESULT("attn.hook_result", true, Axis.POSITION, Axis.HEAD, Axis.D_MODEL),
    LN1_POST_SCALE("ln1_post.hook_scale", true, Axis.POSITION, Axis.SCALE),
    LN1_POST_NORMALIZED("ln1_post.hook_normalized", true, Axis.POSITION, Axis.D_MODEL),
    ATTN_OUT("hook_attn_out", true, Axis.POSITION, Axis.D_MODEL),
    RESID_MID("hook_resid_mid", true, Axis.POSITION, Axis.D_MODEL),
    MLP_IN("hook_mlp_in", true, Axis.POSITION, Axis.D_MODEL),
    LN2_SCALE("ln2.hook_scale", true, Axis.POSITION, Axis.SCALE),
    LN2_NORMALIZED("ln2.hook_normalized", true, Axis.POSITION, Axis.D_MODEL),
    PRE("mlp.hook_pre", true, Axis.POSITION, Axis.D_MLP),
    PRE_LINEAR("mlp.hook_pre_linear", true, Axis.POSITION, Axis.D_MLP),
    POST("mlp.hook_post", true, Axis.POSITION, Axis.D_MLP),
    LN2_POST_SCALE("ln2_post.hook_scale", true, Axis.POSITION, Axis.SCALE),
    LN2_POST_NORMALIZED("ln2_post.hook_normalized", true, Axis.POSITION, Axis.D_MODEL),
    MLP_OUT("hook_mlp_out", true, Axis.POSITION, Axis.D_MODEL),
    RESID_POST("hook_resid_post", true, Axis.POSITION, Axis.D_MODEL),
    NORMALIZED_RESID_POST("hook_normalized_resid_post", true, Axis.POSITION, Axis.D_MODEL),
    MLM_PRE("mlm_head.hook_pre", false, Axis.POSITION, Axis.D_UNEMBED),
    MLM_POST("mlm_head.hook_post", false, Axis.POSITION, Axis.D_UNEMBED),
    FINAL_SCALE("ln_final.hook_scale", false, Axis.POSITION, Axis.SCALE),
    FINAL_NORMALIZED("ln_final.hook_normalized", false, Axis.POSITION, Axis.D_UNEMBED),
    POOLER_OUT("pooler.hook_pooler_out", false, Axis.POOLED_ROW, Axis.D_POOLED),
    HEAD_LN_SCALE("mlm_head.ln.hook_scale", false, Axis.POSITION, Axis.SCALE),
    HEAD_LN_NORMALIZED("mlm_head.ln.hook_normalized", false, Axis.POSITION, Axis.D_UNEMBED),
    LOGITS("hook_logits", false, Axis.POSITION, Axis.OUTPUT);

    /** How far a change at a point reaches within its own layer. */
    public enum Reach {
        /** Before layer 0: everything that reads this row of the stream. */
        STREAM,
        /** The row's keys and values, and so every row that attends to it. */
        ATTENTION,
        /** The row itself; other rows see it from the next layer on. */
        ROW,
        /** The readout of the last layer's stream, row by row. */
        READOUT,
        /** A head's pooled row: one per input. */
        POOLED
    }

    private final String suffix;
    private final boolean layered;
    private final List<Axis> axes;

    HookKind(String suffix, boolean layered, Axis... axes) {
        this.suffix = suffix;
        this.layered = layered;
        this.axes = List.of(axes);
    }

    /** Returns whether every block has one. */
    public boolean layered() {
        return layered;
    }

    /**
     * Returns the axes of an activation, after the batch axis, which counts sequences of one length that run together.
     */
    public List<Axis> axes() {
        return axes;
    }

    /** Returns the axes in a model with these choices: a norm that spans all heads has them in one row. */
    List<Axis> axes(ModelConfig config) {
        if (config.attention().headNorm() != AttentionConfig.HeadNorm.ALL_HEADS) {
            return axes;
        }
        return switch (this) {
            case Q_NORM_SCALE, K_NORM_SCALE -> List.of(Axis.POSITION, Axis.SCALE);
            case Q_NORM_NORMALIZED -> List.of(Axis.POSITION, Axis.ALL_HEADS);
            case K_NORM_NORMALIZED -> List.of(Axis.POSITION, Axis.ALL_KEY_VALUE_HEADS);
            default -> axes;
        };
    }

    /** Returns whether it holds scores or the pattern of attention. */
    public boolean attention() {
        return axes.contains(Axis.KEY);
    }

    /** Returns how far a change here reaches within a layer of a model with these choices. */
    Reach reach(ModelConfig config) {
        return switch (this) {
            case EMBED, POS_EMBED, TOKEN_TYPE_EMBED, EMBED_LN_SCALE, EMBED_LN_NORMALIZED, FULL_EMBED -> Reach.STREAM;
            case LN1_SCALE, LN1_NORMALIZED -> config.block().order().normsInput() ? Reach.ATTENTION : Reach.ROW;
            case RESID_PRE, ATTN_IN, K_INPUT, V_INPUT, K, V, K_NORM_SCALE, K_NORM_NORMALIZED, K_NORMED, ROT_K ->
                Reach.ATTENTION;
            case MLM_PRE, MLM_POST -> Reach.READOUT;
            case FINAL_SCALE, FINAL_NORMALIZED ->
                config.head().norm() == OutputHeadConfig.NormAt.POOLED_ROW ? Reach.POOLED : Reach.READOUT;
            case POOLER_OUT -> Reach.POOLED;
            case LOGITS, HEAD_LN_SCALE, HEAD_LN_NORMALIZED -> config.head().pooled() ? Reach.POOLED : Reach.READOUT;
            default -> Reach.ROW;
        };
    }

    /**
     * Returns whether it gives each head its own copy of the stream before the norm ({@code hook_attn_in} and similar).
     */
    public boolean inputPerHead() {
        return this == ATTN_IN || this == Q_INPUT || this == K_INPUT || this == V_INPUT;
    }

    /** Returns the canonical name; {@code layer} is used if {@link #layered()}. */
    public String name(int layer) {
        return layered ? "blocks." + layer + "." + suffix : suffix;
    }
}
