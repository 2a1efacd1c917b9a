package dev.kausal.run.sweep

import dev.kausal.engine.hooks.HookPoints
import dev.kausal.run.inputs.EngineInputs
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.ValueSpec

/**
 * Inputs of compiling a sweep, besides its spec.
 *
 * @property points the model's hook points, in the order of the pass
 * @property contrasts the whole set, from which means and resampling donors are taken
 * @property sources for each example, the contrast whose runs its patches read; its own if null
 * @property references other sets whose clean runs are averaged, by name
 * @property deviation standard deviation of a run's noise
 */
internal class SweepInputs(
    val points: HookPoints,
    val contrasts: List<ContrastSpec>,
    val inputs: EngineInputs,
    val sources: List<ContrastSpec>? = null,
    val references: Map<String, List<ContrastSpec>> = emptyMap(),
    val deviation: (RunSpec.Noised) -> Double,
)

/** The sets, besides its own, over which means of the sweep are taken. */
internal val SweepSpec.references: Set<String>
    get() = cells.flatMap { it.edits }.flatMap { it.value.references() }.toSet()

private fun ValueSpec.references(): List<String> =
    when (this) {
        is ValueSpec.Mean -> listOfNotNull(of)
        is ValueSpec.PositionMean -> listOfNotNull(of)
        is ValueSpec.RandomMove -> like.references()
        is ValueSpec.From -> run.changes.flatMap { it.value.references() }
        ValueSpec.Zero, is ValueSpec.Resample, is ValueSpec.Vector -> emptyList()
        is ValueSpec.ProjectedOut, is ValueSpec.Lambda, is ValueSpec.Feature -> emptyList()
    }
