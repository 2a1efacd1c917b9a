package dev.kausal.dsl

import dev.kausal.dsl.declare.Edit
import dev.kausal.dsl.declare.Value
import dev.kausal.dsl.host.ScriptContext
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.dsl.host.ScriptPlace
import dev.kausal.engine.hooks.HookKind
import dev.kausal.spec.Order
import java.nio.file.Path

/** A sparse dictionary: features of the activations at one hook point. Its files are opened once the model is known. */
public class Dictionary internal constructor(
    internal val ref: String,
    internal val site: WholeSite?,
    internal val script: ScriptPlace?,
    internal val folder: Path = ScriptContext.current.folder,
) {
    /** Returns feature [index], counted from 0. */
    public fun feature(index: Int): Features = Features(this, listOf(index))

    /** Returns the features [indices], counted from 0. */
    public fun features(vararg indices: Int): Features = Features(this, indices.toList())

    /** Returns the features [indices], counted from 0. */
    public fun features(indices: Iterable<Int>): Features = Features(this, indices.toList())

    override fun toString(): String = ref
}

/** Features of a dictionary: some by number, or the top of a result. */
public class Features internal constructor(
    internal val dictionary: Dictionary,
    internal val indices: List<Int>,
    internal val top: Top? = null,
) {
    /** The features, each by itself. */
    internal val each: List<Features>
        get() = top?.each?.map { Features(dictionary, emptyList(), it) }
            ?: indices.map { Features(dictionary, listOf(it)) }

    override fun toString(): String = top?.toString() ?: indices.joinToString()
}

/**
 * Names a sparse dictionary (SAE or transcoder) of the model: a folder of SAELens, sparsify, Gemma Scope or Gemma Scope 2, or one layer of
 * circuit-tracer's transcoders (`layer_3.safetensors`).
 *
 * @param ref a folder or file, relative to the script's folder, or `hf:org/name@revision:folder`, which must be in the Hub's local cache
 * @param site hook point that it reads; the one that its files name if null
 */
@Suppress("UnusedReceiverParameter") // a word of experiments
public fun ExperimentScope.features(
    ref: String,
    site: WholeSite? = null,
): Dictionary {
    ScriptContext.current.file(ref)
    return Dictionary(ref, site, ScriptLines.here())
}

/** The result of [featureActivations] or [featureAttribution]. */
public class FeaturesHandle internal constructor(
    override val name: String,
    internal val dictionary: Dictionary,
) : GridHandle()

/** Returns the [count] features that this result ranks highest, for later sweeps: `each(found.top(20)) { ablate(it) }`. */
public fun FeaturesHandle.top(
    count: Int,
    order: Order = Order.Strongest,
): Features = Features(dictionary, emptyList(), Top(name, order, count))

/**
 * Sets [features] to 0 where their dictionary reads them; all other features, and what the dictionary does not reconstruct,
 * stay.
 */
public fun ablate(features: Features): Intervention = change(features, 0.0, added = false)

/** Adds [strength] to the activations of [features] at every position, and so [strength] times their directions; all else stays. */
public fun steer(
    features: Features,
    strength: Number,
): Intervention = change(features, strength.toDouble(), added = true)

/** Sets the activations of [features] to [value] at every position; all else stays. */
public fun clamp(
    features: Features,
    value: Number,
): Intervention = change(features, value.toDouble(), added = false)

private fun change(
    features: Features,
    amount: Double,
    added: Boolean,
): Intervention {
    val script = ScriptLines.here()
    // The hook point is known once the dictionary is open.
    val edit = Edit(Address(HookKind.RESID_POST, 0), Value.Feature(features, amount, added), script, top = features.top)
    return Intervention(listOf(edit), script = script)
}
