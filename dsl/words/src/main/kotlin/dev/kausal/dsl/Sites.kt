package dev.kausal.dsl

import dev.kausal.engine.hooks.HookKind
import dev.kausal.spec.EditSpec
import dev.kausal.spec.PartSpec

/** A hook point as data: its kind, layer and units. */
internal data class Address(
    val kind: HookKind,
    val layer: Int? = null,
    val part: PartSpec = PartSpec.All,
) {
    /** Canonical name of the hook point. */
    val hook: String
        get() =
            if (kind.layered() && layer == null) {
                kind.name(0).replace("blocks.0.", EditSpec.ANY_LAYER)
            } else {
                kind.name(layer ?: NO_LAYER)
            }

    /** Name of the hook point with its unit. */
    val text: String
        get() =
            when (part) {
                PartSpec.All -> hook
                is PartSpec.Head -> "head ${part.head} of $hook"
                is PartSpec.Neuron -> "neuron ${part.neuron} of $hook"
            }

    private companion object {
        const val NO_LAYER = -1
    }
}

/** A hook point, or one head or neuron of it, to intervene on. */
public sealed class Site {
    internal abstract val address: Address

    override fun toString(): String = address.hook
}

/** A hook point with all its units, which can be captured as it is. */
public sealed class WholeSite : Site()

/** A vector of the residual stream's width at each position. It has no heads. */
public class ResidualSite internal constructor(
    override val address: Address,
) : WholeSite()

/** A norm's divisor: one number at each position. It has no heads. */
public class ScaleSite internal constructor(
    override val address: Address,
) : WholeSite()

/** The scores of the vocabulary at each position. */
public class LogitsSite internal constructor(
    override val address: Address,
) : WholeSite()

/** A vector per head at each position. */
public class HeadSite internal constructor(
    override val address: Address,
) : WholeSite() {
    /** Returns head [head], counted from 0; for keys and values, the key-value head. */
    public fun head(head: Int): OneHead = OneHead(address.copy(part = PartSpec.Head(head)))
}

/** A matrix of queries by keys per head. */
public class PatternSite internal constructor(
    override val address: Address,
) : WholeSite() {
    /** Returns head [head], counted from 0. */
    public fun head(head: Int): OneHead = OneHead(address.copy(part = PartSpec.Head(head)))
}

/** A number per neuron at each position. */
public class NeuronSite internal constructor(
    override val address: Address,
) : WholeSite() {
    /** Returns neuron [neuron], counted from 0. */
    public fun neuron(neuron: Int): OneNeuron = OneNeuron(address.copy(part = PartSpec.Neuron(neuron)))
}

/** One head of a hook point. */
public class OneHead internal constructor(
    override val address: Address,
) : Site()

/** One neuron of a hook point. */
public class OneNeuron internal constructor(
    override val address: Address,
) : Site()

/** A residual-stream site that every layer has; with a layer it is a hook point. */
public class StreamSite internal constructor(
    private val name: String,
    internal val kind: HookKind,
) {
    internal fun of(layer: Int): Address = Address(kind, layer)

    override fun toString(): String = name
}

/** The residual stream before a layer. */
public val residPre: StreamSite = StreamSite("residPre", HookKind.RESID_PRE)

/** The residual stream between a layer's attention and its MLP. */
public val residMid: StreamSite = StreamSite("residMid", HookKind.RESID_MID)

/** The residual stream after a layer. */
public val residPost: StreamSite = StreamSite("residPost", HookKind.RESID_POST)

/** A layer's attention output, added to the stream. */
public val attnOut: StreamSite = StreamSite("attnOut", HookKind.ATTN_OUT)

/** A layer's MLP output, added to the stream. */
public val mlpOut: StreamSite = StreamSite("mlpOut", HookKind.MLP_OUT)
