package dev.kausal.run.controls

import dev.kausal.run.inputs.Seeds
import dev.kausal.run.sweep.keeps
import dev.kausal.spec.ControlKind
import dev.kausal.spec.EditSpec
import dev.kausal.spec.ValueSpec
import java.util.Random

/** Moves the activation as far as the edit does, in [DRAWS] random directions. */
internal object RandomDirections : ControlRule {
    override val kind = ControlKind.RandomDirection

    override val expected = null

    override fun parts(of: ControlledSweep): List<ControlPart>? {
        val cell = of.cell
        if (cell.edits.isEmpty()) return null
        val random = Random(Seeds.directions(of.seed, of.sweep.name))
        val draws =
            List(DRAWS) {
                val moved = cell.edits.map { if (it.keeps(cell.run)) it else it.moved(random.nextLong()) }
                cell.copy(edits = moved)
            }
        return listOf(ControlPart(of.asked(draws), of.contrasts.indices.toList()))
    }

    private fun EditSpec.moved(seed: Long) = copy(value = ValueSpec.RandomMove(value, seed))

    private const val DRAWS = 5
}
