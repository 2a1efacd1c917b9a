package dev.kausal.dsl

import ai.djl.ndarray.NDArray
import dev.kausal.dsl.declare.Edit
import dev.kausal.dsl.declare.Value
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.dsl.host.ScriptPlace

/** The hook point and example of a call of a hook's function. */
public typealias HookCall = dev.kausal.spec.HookCall

/** A replacement value for an activation. */
public class Replacement internal constructor(
    internal val value: Value,
)

/** Zeros. */
public val zero: Replacement = Replacement(Value.Zero)

/**
 * The mean over every position of every prompt of the set, for the edited run's side: its clean prompts by default. For
 * attention scores and patterns only in models that see all tokens, since a mean over queries would let early ones see
 * later tokens; otherwise use [positionMean].
 */
public val mean: Replacement = Replacement(Value.Mean(null))

/**
 * The mean over the prompts of the set at each position, for the edited run's side (for attention, at each query and
 * key); all prompts must have equally many tokens.
 */
public val positionMean: Replacement = Replacement(Value.PositionMean(null))

/**
 * Returns the mean over every position of every clean prompt of [of], a reference set that need not be analysed; of
 * those that its filter keeps.
 */
public fun mean(of: Inputs<*>): Replacement = Replacement(Value.Mean(of))

/**
 * Returns the mean over the clean prompts of [of] at each position; all must have as many tokens as those that are
 * edited.
 */
public fun positionMean(of: Inputs<*>): Replacement = Replacement(Value.PositionMean(of))

/** The same positions of another prompt of the set, drawn with the experiment's seed. */
public val resample: Replacement = Replacement(Value.Resample(null))

/** Returns the same positions of another prompt of the set, drawn with [seed]. */
public fun resample(seed: Long): Replacement = Replacement(Value.Resample(seed))

/**
 * Changes made together in one run: the run that a patch goes `to`, else the one given to [on], else the clean run.
 *
 * Immutable; [at], [on] and [plus] return new interventions.
 */
public class Intervention internal constructor(
    internal val edits: List<Edit>,
    internal val on: List<Run> = emptyList(),
    internal val script: ScriptPlace? = ScriptLines.here(),
) {
    /** Returns the same changes at [place] only. */
    public fun at(place: Place): Intervention = Intervention(edits.map { it.copy(place = place) }, on, script)

    /** Returns the same changes at token [position] only, counted from 0. */
    public fun at(position: Int): Intervention = at(Position(position))

    /** Returns the same changes, made in [run]. */
    public fun on(run: Run): Intervention = Intervention(edits, on + run, script)

    /** Returns both interventions in one run, this one's changes first. */
    public operator fun plus(other: Intervention): Intervention =
        Intervention(edits + other.edits, on + other.on, script)

    /** The runs that the changes require; at most one in a valid script. */
    internal val bases: List<Run> get() = (edits.mapNotNull { it.run } + on).distinct()
}

/** Replaces [head]'s output (its `z`) with zeros, or with [with]. */
public fun ablate(
    head: Head,
    with: Replacement = zero,
): Intervention = edit(zOf(head), with.value)

/** Replaces the output (`z`) of each of [heads] with zeros, or with [with], all in one run. */
public fun ablate(
    heads: Iterable<Head>,
    with: Replacement = zero,
): Intervention = edits(heads.map(::zOf), with.value)

/**
 * Replaces the output (`z`) of each head of [top] with zeros, or with [with], all in one run; given [site], replaces
 * that site in their layers.
 */
public fun ablate(
    top: Top,
    with: Replacement = zero,
    site: StreamSite? = null,
): Intervention = edit(top, site, with.value)

/** Replaces the activations of [site], a hook point or one head or neuron of it, with zeros, or with [with]. */
public fun ablate(
    site: Site,
    with: Replacement = zero,
): Intervention = edit(site.address, with.value)

/** Patches the activations of run [from] at [layer] into run [to]. */
public fun patch(
    from: Run,
    to: Run,
    layer: Layer,
    site: StreamSite = residPre,
): Intervention = edit(site.of(layer.index), Value.From(from), to)

/** Patches the activations of run [from] at layer [layer] into run [to]. */
public fun patch(
    from: Run,
    to: Run,
    layer: Int,
    site: StreamSite = residPre,
): Intervention = edit(site.of(layer), Value.From(from), to)

/** Patches the output (`z`) of [head] in run [from] into run [to]. */
public fun patch(
    from: Run,
    to: Run,
    head: Head,
): Intervention = edit(zOf(head), Value.From(from), to)

/** Patches the activations of run [from] at every layer of [layers] into run [to]. */
public fun patch(
    from: Run,
    to: Run,
    layers: IntRange,
    site: StreamSite = residPre,
): Intervention = edits(layers.map(site::of), Value.From(from), to)

/** Patches the output (`z`) of each of [heads] in run [from] into run [to]. */
public fun patch(
    from: Run,
    to: Run,
    heads: Iterable<Head>,
): Intervention = edits(heads.map(::zOf), Value.From(from), to)

/** Patches the activations of run [from] at [site], a hook point or one head or neuron of it, into run [to]. */
public fun patch(
    from: Run,
    to: Run,
    site: Site,
): Intervention = edit(site.address, Value.From(from), to)

/**
 * Patches the output (`z`) of each head of [top] in run [from] into run [to]; given [site], patches that site in their
 * layers.
 */
public fun patch(
    from: Run,
    to: Run,
    top: Top,
    site: StreamSite? = null,
): Intervention = edit(top, site, Value.From(from), to)

/**
 * Freezes the output (`z`) of each head of [top] at its unedited value in the edited run; given [site], freezes that
 * site in their layers.
 */
public fun freeze(
    top: Top,
    site: StreamSite? = null,
): Intervention = edit(top, site, Value.Own)

/**
 * Freezes the activations of [site], a hook point or one head or neuron of it, at their unedited values in the edited
 * run, whatever else ([Intervention.plus]) changes upstream: changes cannot pass through it (Meng et al. 2022 sever
 * MLPs this way).
 */
public fun freeze(site: Site): Intervention = edit(site.address, Value.Own)

/** Freezes the output (`z`) of [head] at its unedited value in the edited run. */
public fun freeze(head: Head): Intervention = edit(zOf(head), Value.Own)

/** Freezes the output (`z`) of each of [heads] at its unedited value in the edited run. */
public fun freeze(heads: Iterable<Head>): Intervention = edits(heads.map(::zOf), Value.Own)

/** Freezes [site] in [layer] at its unedited value in the edited run. */
public fun freeze(
    layer: Layer,
    site: StreamSite,
): Intervention = edit(site.of(layer.index), Value.Own)

/** Freezes [site] in every layer of [layers], such as [Layer.later], at its unedited value in the edited run. */
public fun freeze(
    layers: IntRange,
    site: StreamSite,
): Intervention = edits(layers.map(site::of), Value.Own)

/**
 * Replaces the activations of [site] by the result of [change].
 *
 * [change] receives a copy of one prompt's activations, narrowed to the intervention's positions and units with all
 * axes kept, and returns an array of the same shape. With `p` positions (all of the prompt's, without
 * [Intervention.at]):
 *
 * | site | shape |
 * |---|---|
 * | residual stream, `attnOut`, `mlpOut`, `embed`, `finalNorm` | [1, p, d_model] |
 * | `q`, `z` | [1, p, heads, d_head]; of one head [1, p, 1, d_head] |
 * | `k`, `v` | [1, p, key-value heads, d_head]; of one head [1, p, 1, d_head] |
 * | `result` | [1, p, heads, d_model]; of one head [1, p, 1, d_model] |
 * | `scores`, `pattern` | [1, heads, p, keys]: positions are queries, keys are all; of one head [1, 1, p, keys] |
 * | `pre`, `preLinear`, `post` | [1, p, d_mlp]; of one neuron [1, p, 1] |
 * | `logits` | [1, p, vocabulary] |
 *
 * [change] runs once per prompt and cell. Arrays that it makes are closed after the layer, so it must not keep any.
 */
public fun hook(
    site: Site,
    change: (NDArray) -> NDArray,
): Intervention = edit(site.address, Value.Function(change) { x, _ -> change(x) })

/** Replaces activations as [hook] does; [change] also receives the example, run and positions that they belong to. */
public fun hook(
    site: Site,
    change: (NDArray, HookCall) -> NDArray,
): Intervention = edit(site.address, Value.Function(change, change))

/** Adds [vector] to the activations of [site] at each position. */
public fun add(
    site: Site,
    vector: Vector,
): Intervention = edit(site.address, Value.Given(vector, added = true))

/** Writes [vector] in place of the activations of [site] at each position. */
public fun replace(
    site: Site,
    with: Vector,
): Intervention = edit(site.address, Value.Given(with, added = false))

private fun zOf(head: Head): Address = Attention(head.layer).z.head(head.index).address

internal fun edit(
    site: Address,
    value: Value,
    run: Run? = null,
): Intervention = edits(listOf(site), value, run)

private fun edit(
    top: Top,
    site: StreamSite?,
    value: Value,
    run: Run? = null,
): Intervention {
    val script = ScriptLines.here()
    val address = Address(site?.kind ?: HookKind.Z)
    return Intervention(listOf(Edit(address, value, script, run, top = top)), listOfNotNull(run), script)
}

/** Writes [value] at each of [sites], in [run], which counts as edited even if there are none. */
private fun edits(
    sites: List<Address>,
    value: Value,
    run: Run? = null,
): Intervention {
    val script = ScriptLines.here()
    return Intervention(sites.map { Edit(it, value, script, run) }, listOfNotNull(run), script)
}
