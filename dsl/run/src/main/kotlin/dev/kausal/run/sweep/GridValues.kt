package dev.kausal.run.sweep

import dev.kausal.engine.edits.Part
import dev.kausal.engine.hooks.HookPoints
import dev.kausal.spec.EditSpec
import dev.kausal.spec.PartSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.ValueSpec

/** Numbers the values that the cells of a sweep write: cells that write the same one share what it is in each run. */
internal class GridValues(
    sweep: SweepSpec,
    private val points: HookPoints,
    private val isRandom: (Int) -> Boolean,
) {
    private val numbers = HashMap<ValueSpec, Int>()
    private val parts = HashMap<PartSpec, Part>()

    init {
        sweep.cells.forEach { cell ->
            cell.edits.forEach { if (it.isSharedByPlaces) numbers.getOrPut(it.value) { numbers.size } }
        }
    }

    /** Number of values. */
    val count: Int get() = numbers.size

    /** Returns what a cell with these edits does. */
    fun cell(edits: List<EditSpec>): GridCell {
        val shared = edits.all { it.isSharedByPlaces }
        val values = if (shared) IntArray(edits.size) { numbers.getValue(edits[it].value) } else null
        return GridCell(edits, edits.map { name(it.site) }, edits.map { part(it.part) }, values)
    }

    /** Returns the name as the model's points have it: the same text is found by identity. */
    private fun name(site: String): String = if (points.has(site)) points.named(site).name() else site

    private fun part(spec: PartSpec): Part = parts.getOrPut(spec) { spec.toPart() }

    /** Whether what the edit writes follows from its run and its positions, apart from where in the model it is. */
    private val EditSpec.isSharedByPlaces: Boolean
        get() = when (val of = value) {
            is ValueSpec.From -> of.writer == null && of.along == null
            is ValueSpec.Vector -> !isRandom(of.index)
            ValueSpec.Zero, is ValueSpec.Mean, is ValueSpec.ProjectedOut, is ValueSpec.Feature -> true
            is ValueSpec.PositionMean, is ValueSpec.Resample, is ValueSpec.RandomMove, is ValueSpec.Lambda -> false
        }
}

/** Returns the part as the engine names it. */
internal fun PartSpec.toPart(): Part =
    when (this) {
        PartSpec.All -> Part.ALL
        is PartSpec.Head -> Part.Head(head)
        is PartSpec.Neuron -> Part.Unit(neuron)
    }
