package dev.kausal.dsl

import dev.kausal.dsl.host.ScriptPlace
import dev.kausal.engine.hooks.HookKind

/**
 * The model of an experiment, as names for its hook points.
 *
 * It holds no weights and no sizes: a script is written for any model of kind [M], and whether layer 12 exists is
 * checked when the declaration is bound to a model.
 */
public class Model<out M : Capability> internal constructor(
    internal val ref: String,
    internal val type: Class<*>,
    internal val place: ScriptPlace?,
) {
    /** The transformer's layers. */
    public val blocks: Blocks = Blocks()

    /** Token embeddings [position, d_model]. */
    public val embed: ResidualSite get() = ResidualSite(Address(HookKind.EMBED))

    /** Learned position embeddings [position, d_model]; models with rotary positions have none. */
    public val posEmbed: ResidualSite get() = ResidualSite(Address(HookKind.POS_EMBED))

    /** Token-type embeddings [position, d_model], of models that distinguish two sentences. */
    public val tokenTypeEmbed: ResidualSite get() = ResidualSite(Address(HookKind.TOKEN_TYPE_EMBED))

    /** The norm of the sum of embeddings, of models that have one (BERT). */
    public val embedLn: Norm get() = Norm(HookKind.EMBED_LN_SCALE, HookKind.EMBED_LN_NORMALIZED)

    /** The sum of embeddings after its norm, gain and bias included [position, d_model]. */
    public val fullEmbed: ResidualSite get() = ResidualSite(Address(HookKind.FULL_EMBED))

    /** The residual stream divided by the final norm's scale, before its gain and bias [position, d_model]. */
    public val finalNorm: ResidualSite get() = ResidualSite(Address(HookKind.FINAL_NORMALIZED))

    /** The norm after the last layer; [finalNorm] is its `normalized`. */
    public val lnFinal: Norm get() = Norm(HookKind.FINAL_SCALE, HookKind.FINAL_NORMALIZED)

    /** The dense layer of a masked LM's head. */
    public val mlmHead: MaskedLmHead get() = MaskedLmHead()

    /** The head's pooled row [row, d_model], in classifiers and encoders that pool. */
    public val poolerOut: ResidualSite get() = ResidualSite(Address(HookKind.POOLER_OUT))

    /** Logits of every token of the vocabulary [position, vocabulary]. */
    public val logits: LogitsSite get() = LogitsSite(Address(HookKind.LOGITS))
}

/** A model's layers, by number or by the `layer` passed to the block of `each`. */
public class Blocks internal constructor() {
    /** Returns layer [layer], counted from 0. */
    public operator fun get(layer: Int): Block = Block(layer)

    /** Returns the given layer. */
    public operator fun get(layer: Layer): Block = Block(layer.index)
}

/** One layer. */
public class Block internal constructor(
    private val layer: Int,
) {
    /** The residual stream before the layer [position, d_model]. */
    public val residPre: ResidualSite get() = ResidualSite(dev.kausal.dsl.residPre.of(layer))

    /** The residual stream between attention and MLP [position, d_model]. */
    public val residMid: ResidualSite get() = ResidualSite(dev.kausal.dsl.residMid.of(layer))

    /** The residual stream after the layer [position, d_model]. */
    public val residPost: ResidualSite get() = ResidualSite(dev.kausal.dsl.residPost.of(layer))

    /** The attention output added to the stream [position, d_model]; it is summed over heads, so it has no heads. */
    public val attnOut: ResidualSite get() = ResidualSite(dev.kausal.dsl.attnOut.of(layer))

    /** The MLP output added to the stream [position, d_model]. */
    public val mlpOut: ResidualSite get() = ResidualSite(dev.kausal.dsl.mlpOut.of(layer))

    /**
     * The residual stream after the layer and its norm [position, d_model], if layers norm the stream itself (BERT).
     */
    public val normalizedResidPost: ResidualSite
        get() = ResidualSite(Address(HookKind.NORMALIZED_RESID_POST, layer))

    /** Each head's own copy of the stream, before the first norm [position, head, d_model]. */
    public val attnIn: HeadSite get() = heads(HookKind.ATTN_IN)

    /** The input of each head's queries, before the first norm [position, head, d_model]. */
    public val qInput: HeadSite get() = heads(HookKind.Q_INPUT)

    /** The input of each head's keys, before the first norm [position, key-value head, d_model]. */
    public val kInput: HeadSite get() = heads(HookKind.K_INPUT)

    /** The input of each head's values, before the first norm [position, key-value head, d_model]. */
    public val vInput: HeadSite get() = heads(HookKind.V_INPUT)

    /** The input of the MLP, before its norm [position, d_model]. */
    public val mlpIn: ResidualSite get() = ResidualSite(Address(HookKind.MLP_IN, layer))

    /** The norm before attention. */
    public val ln1: Norm get() = Norm(HookKind.LN1_SCALE, HookKind.LN1_NORMALIZED, layer)

    /** The norm before the MLP. */
    public val ln2: Norm get() = Norm(HookKind.LN2_SCALE, HookKind.LN2_NORMALIZED, layer)

    /** The norm of the attention output (Gemma 2, OLMo 2). */
    public val ln1Post: Norm get() = Norm(HookKind.LN1_POST_SCALE, HookKind.LN1_POST_NORMALIZED, layer)

    /** The norm of the MLP output. */
    public val ln2Post: Norm get() = Norm(HookKind.LN2_POST_SCALE, HookKind.LN2_POST_NORMALIZED, layer)

    private fun heads(kind: HookKind): HeadSite = HeadSite(Address(kind, layer))

    /** Hook points inside attention. */
    public val attn: Attention get() = Attention(layer)

    /** Hook points inside the MLP. */
    public val mlp: Mlp get() = Mlp(layer)
}

/** The hook points of one layer's attention. */
public class Attention internal constructor(
    private val layer: Int,
) {
    /** Queries [position, head, d_head]. */
    public val q: HeadSite get() = heads(HookKind.Q)

    /** Keys [position, key-value head, d_head]. */
    public val k: HeadSite get() = heads(HookKind.K)

    /** Values [position, key-value head, d_head]. */
    public val v: HeadSite get() = heads(HookKind.V)

    /** Queries after rotation [position, head, d_head], in models with rotary positions. */
    public val rotQ: HeadSite get() = heads(HookKind.ROT_Q)

    /** Keys after rotation [position, key-value head, d_head], in models with rotary positions. */
    public val rotK: HeadSite get() = heads(HookKind.ROT_K)

    /** The norm of queries, in models that have one (Qwen3, Gemma 3, OLMo 2). */
    public val qNorm: HeadNorm get() = HeadNorm(HookKind.Q_NORM_SCALE, HookKind.Q_NORM_NORMALIZED, layer)

    /** The norm of keys. */
    public val kNorm: HeadNorm get() = HeadNorm(HookKind.K_NORM_SCALE, HookKind.K_NORM_NORMALIZED, layer)

    /** Queries after their norm, gain included [position, head, d_head]. */
    public val qNormed: HeadSite get() = heads(HookKind.Q_NORMED)

    /** Keys after their norm, gain included [position, key-value head, d_head]. */
    public val kNormed: HeadSite get() = heads(HookKind.K_NORMED)

    /** Values weighted by the pattern [position, head, d_head]. */
    public val z: HeadSite get() = heads(HookKind.Z)

    /** Each head's part of the attention output [position, head, d_model]. */
    public val result: HeadSite get() = heads(HookKind.RESULT)

    /** Attention scores before the softmax [head, query, key]. */
    public val scores: PatternSite get() = pattern(HookKind.ATTN_SCORES)

    /** Attention probabilities [head, query, key]. */
    public val pattern: PatternSite get() = pattern(HookKind.PATTERN)

    private fun heads(kind: HookKind): HeadSite = HeadSite(Address(kind, layer))

    private fun pattern(kind: HookKind): PatternSite = PatternSite(Address(kind, layer))
}

/** The hook points of one layer's MLP. */
public class Mlp internal constructor(
    private val layer: Int,
) {
    /** Before the activation function [position, neuron]; in gated MLPs, the gate. */
    public val pre: NeuronSite get() = neurons(HookKind.PRE)

    /** The linear half of a gated MLP [position, neuron]; plain MLPs have none. */
    public val preLinear: NeuronSite get() = neurons(HookKind.PRE_LINEAR)

    /** After the activation function, and the gate's product if there is one [position, neuron]. */
    public val post: NeuronSite get() = neurons(HookKind.POST)

    private fun neurons(kind: HookKind): NeuronSite = NeuronSite(Address(kind, layer))
}

/** A norm: what it divides by, and what it leaves before its gain and bias. */
public class Norm internal constructor(
    private val divisor: HookKind,
    private val divided: HookKind,
    private val layer: Int? = null,
) {
    /** The divisor at each position [position, 1]. */
    public val scale: ScaleSite get() = ScaleSite(Address(divisor, layer))

    /** The stream divided by it [position, d_model]. */
    public val normalized: ResidualSite get() = ResidualSite(Address(divided, layer))
}

/** A norm of queries or keys, head by head; in models whose norm spans all heads, its sites have no heads. */
public class HeadNorm internal constructor(
    private val divisor: HookKind,
    private val divided: HookKind,
    private val layer: Int,
) {
    /** The divisor of each head at each position [position, head, 1]. */
    public val scale: HeadSite get() = HeadSite(Address(divisor, layer))

    /** Queries or keys divided by it [position, head, d_head]. */
    public val normalized: HeadSite get() = HeadSite(Address(divided, layer))
}

/** The dense layer between the last block of a masked LM and its unembedding. */
public class MaskedLmHead internal constructor() {
    /** Before the activation function [position, d_model]. */
    public val pre: ResidualSite get() = ResidualSite(Address(HookKind.MLM_PRE))

    /** After the activation function [position, d_model]. */
    public val post: ResidualSite get() = ResidualSite(Address(HookKind.MLM_POST))

    /** Its norm. */
    public val ln: Norm get() = Norm(HookKind.HEAD_LN_SCALE, HookKind.HEAD_LN_NORMALIZED)
}
