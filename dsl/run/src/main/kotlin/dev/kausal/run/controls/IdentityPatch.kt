package dev.kausal.run.controls

import dev.kausal.spec.ControlKind
import dev.kausal.spec.ValueSpec

/** Patches the run with its own activations, which changes nothing. */
internal object IdentityPatch : ControlRule {
    override val kind = ControlKind.Identity

    override val expected = 0.0

    override fun parts(of: ControlledSweep): List<ControlPart> {
        val edits =
            of.cell.edits.map { it.copy(value = ValueSpec.From(of.cell.run, (it.value as? ValueSpec.From)?.writer)) }
        return listOf(ControlPart(of.asked(listOf(of.cell.copy(edits = edits))), of.contrasts.indices.toList()))
    }

    override fun effect(
        of: ControlledSweep,
        example: Int,
        value: Double,
    ): Double? = of.change(example, value)
}
