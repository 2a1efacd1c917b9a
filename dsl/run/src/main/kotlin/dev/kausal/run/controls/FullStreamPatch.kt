package dev.kausal.run.controls

import dev.kausal.engine.hooks.HookKind
import dev.kausal.run.inputs.run
import dev.kausal.spec.CellSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.ControlKind
import dev.kausal.spec.EditSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.ValueSpec

/**
 * Patches the whole residual stream of the run that the cell patches from, which gives that run's metric: a share of 1.
 * That is the embedding if both prompts have equally many tokens, else the final stream at the last token, which does not
 * determine a continuation of several tokens.
 */
internal object FullStreamPatch : ControlRule {
    override val kind = ControlKind.FullStream

    override val expected = 1.0

    override fun parts(of: ControlledSweep): List<ControlPart>? {
        val source = of.source ?: return null
        // A first-order estimate of a whole run's change is not that run.
        if (of.sweep.by != null) return null
        val elsewhere = of.contrasts.any { it.clean.read != null }
        val unmeasured = source.label !in of.result.baseline
        if (elsewhere || unmeasured || of.sweep.metric.readsAll) return null
        val (equal, unequal) = of.contrasts.indices.partition { of.contrasts[it].sameLength(of) }
        val value = ValueSpec.From(source)
        val whole = EditSpec(HookKind.RESID_PRE.name(0), value = value)
        val end = EditSpec(HookKind.RESID_POST.name(of.layers - 1), at = PlaceSpec.Last, value = value)
        val continued = of.sweep.metric.plain is MetricSpec.Likelihood
        val parts = if (continued) listOf(equal to whole) else listOf(equal to whole, unequal to end)
        if (continued && equal.isEmpty()) return null
        return parts.filter { it.first.isNotEmpty() }.map { (examples, edit) ->
            val cell = CellSpec(of.cell.run, listOf(edit))
            ControlPart(of.asked(listOf(cell), of.contrasts.slice(examples)), examples)
        }
    }

    override fun effect(
        of: ControlledSweep,
        example: Int,
        value: Double,
    ): Double? {
        if (of.recovers && of.result.perExample[example][of.strongest] == null) return null
        return of.share(of.cell.run, checkNotNull(of.source), example, value)
    }

    /** Returns the noise floor in units of the example's gap, as the outcome is a share of it. */
    override fun allowed(
        of: ControlledSweep,
        example: Int,
    ): Double {
        val gap = of.gaps(of.cell.run, checkNotNull(of.source))[example] ?: return of.floor
        return checkNotNull(of.result.rounding).ofShare(gap, 1.0)
    }

    private fun ContrastSpec.sameLength(of: ControlledSweep) =
        run(of.cell.run).length == run(checkNotNull(of.source)).length

    private val MetricSpec.readsAll: Boolean
        get() = this == MetricSpec.Loss || (this is MetricSpec.Recovery && of == MetricSpec.Loss)
}
