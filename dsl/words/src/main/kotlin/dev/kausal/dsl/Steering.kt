package dev.kausal.dsl

import dev.kausal.dsl.declare.Edit
import dev.kausal.dsl.declare.Value
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.engine.hooks.HookKind
import dev.kausal.spec.StrengthUnit

/**
 * Adds [strength] times [direction] to the activations that it was fitted to, at each position.
 *
 * @param unit unit of the strength: [classDifference], [activationNorm] or [unitNorm]
 */
public fun steer(
    direction: Direction,
    strength: Double,
    unit: StrengthUnit = classDifference,
): Intervention = edit(direction.address, Value.Given(direction.inUnit(unit), added = true, scale = strength))

/** Adds [strength] times [along], as it is, to the activations of [site] at each position. */
public fun steer(
    site: Site,
    along: Vector,
    strength: Double,
): Intervention = edit(site.address, Value.Given(along, added = true, scale = strength))

/** Removes the component along [direction] from the activations that it was fitted to, at each position. */
public fun ablate(direction: Direction): Intervention = edit(direction.address, Value.ProjectedOut(listOf(direction)))

/** Removes the component in [subspace] from the activations that it was trained on, at each position. */
public fun ablate(subspace: Subspace): Intervention = edit(subspace.address, Value.ProjectedOut(subspace.basis))

/** Removes the component in the span of [along] from the activations of [site] at each position. */
public fun ablate(
    site: Site,
    vararg along: Vector,
): Intervention = edit(site.address, Value.ProjectedOut(along.toList()))

/**
 * Removes the component along [direction], of the residual stream's width, from the stream before each layer and from all outputs of
 * attention and MLPs, so that nothing can write it (directional ablation, Arditi et al. 2024).
 */
public fun ablateEverywhere(direction: Vector): Intervention {
    val script = ScriptLines.here()
    val value = Value.ProjectedOut(listOf(direction))
    return Intervention(listOf(Edit(Address(HookKind.RESID_PRE), value, script, everywhere = true)), script = script)
}

/**
 * Patches the component along [along] of the activations that it was fitted to from run [from] into run [to]: an interchange of one
 * dimension (Geiger et al. 2023).
 */
public fun patch(
    from: Run,
    to: Run,
    along: Direction,
): Intervention = edit(along.address, Value.From(from, along = listOf(along)), to)

/** Patches the component in [subspace] of the activations that it was trained on from run [from] into run [to]. */
public fun patch(
    from: Run,
    to: Run,
    subspace: Subspace,
): Intervention = edit(subspace.address, Value.From(from, along = subspace.basis), to)

/** Patches the component in the span of [along] of the activations of [site] from run [from] into run [to]. */
public fun patch(
    from: Run,
    to: Run,
    site: Site,
    vararg along: Vector,
): Intervention = edit(site.address, Value.From(from, along = along.toList()), to)
