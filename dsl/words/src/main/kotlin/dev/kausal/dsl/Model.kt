package dev.kausal.dsl

import dev.kausal.dsl.host.ScriptPlace
import dev.kausal.engine.hooks.HookKind

/**
 * The model of an experiment, seen from a script: names for its hook points.
 *
 * It holds no weights and knows no sizes: a script is written for any model of kind [M], and whether layer 12 exists
 * is checked when the declaration meets a model.
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

    /** The residual stream divided by the final norm's scale, before its gain and bias [position, d_model]. */
    public val finalNorm: ResidualSite get() = ResidualSite(Address(HookKind.FINAL_NORMALIZED))

    /** Scores of every token of the vocabulary [position, vocabulary]. */
    public val logits: LogitsSite get() = LogitsSite(Address(HookKind.LOGITS))
}

/** A model's layers, by number or by the `layer` that `each` hands over. */
public class Blocks internal constructor() {
    /** Layer [layer], counted from 0. */
    public operator fun get(layer: Int): Block = Block(layer)

    /** The given layer. */
    public operator fun get(layer: Layer): Block = Block(layer.index)
}

/** One layer. */
public class Block internal constructor(
    private val layer: Int,
) {
    /** The residual stream before the layer [position, d_model]. */
    public val residPre: ResidualSite get() = ResidualSite(dev.kausal.dsl.residPre.of(layer))

    /** The residual stream between attention and feed-forward [position, d_model]. */
    public val residMid: ResidualSite get() = ResidualSite(dev.kausal.dsl.residMid.of(layer))

    /** The residual stream after the layer [position, d_model]. */
    public val residPost: ResidualSite get() = ResidualSite(dev.kausal.dsl.residPost.of(layer))

    /** What attention adds to the stream [position, d_model]; it is summed over heads, so it has none. */
    public val attnOut: ResidualSite get() = ResidualSite(dev.kausal.dsl.attnOut.of(layer))

    /** What the feed-forward layer adds to the stream [position, d_model]. */
    public val mlpOut: ResidualSite get() = ResidualSite(dev.kausal.dsl.mlpOut.of(layer))

    /** Inside attention. */
    public val attn: Attention get() = Attention(layer)

    /** Inside the feed-forward layer. */
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

    /** Values mixed by the pattern [position, head, d_head]. */
    public val z: HeadSite get() = heads(HookKind.Z)

    /** Each head's share of the attention output [position, head, d_model]. */
    public val result: HeadSite get() = heads(HookKind.RESULT)

    /** Attention scores before the softmax [head, query, key]. */
    public val scores: PatternSite get() = pattern(HookKind.ATTN_SCORES)

    /** Attention probabilities [head, query, key]. */
    public val pattern: PatternSite get() = pattern(HookKind.PATTERN)

    private fun heads(kind: HookKind): HeadSite = HeadSite(Address(kind, layer))

    private fun pattern(kind: HookKind): PatternSite = PatternSite(Address(kind, layer))
}

/** The hook points of one feed-forward layer. */
public class Mlp internal constructor(
    private val layer: Int,
) {
    /** Before the activation function [position, neuron]; in gated layers, the gate. */
    public val pre: NeuronSite get() = neurons(HookKind.PRE)

    /** The linear half of a gated layer [position, neuron]; plain layers have none. */
    public val preLinear: NeuronSite get() = neurons(HookKind.PRE_LINEAR)

    /** After the activation function, and the gate's product where there is one [position, neuron]. */
    public val post: NeuronSite get() = neurons(HookKind.POST)

    private fun neurons(kind: HookKind): NeuronSite = NeuronSite(Address(kind, layer))
}
