package dev.kausal.compile

import ai.djl.ndarray.NDArray
import dev.kausal.engine.model.HookedModel
import dev.kausal.spec.CellSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.Control
import dev.kausal.spec.ControlKind
import dev.kausal.spec.EditSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.Result
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.ValueSpec
import java.util.Random
import kotlin.math.abs

/**
 * The runs with a known outcome, and the nulls, that accompany a sweep. All are made at the cell that changes most: if what
 * stands there were an artefact, they would show it.
 *
 * @param index of the first function in [functions], after those of the script
 */
internal class Controls(
    private val model: HookedModel,
    private val inputs: EngineInputs,
    private val rankings: Rankings,
    private val index: Int,
    private val seed: Long,
) {
    /** Moves in random directions, to be run after the script's own functions. */
    val functions = mutableListOf<(NDArray) -> NDArray>()

    /** A control of one sweep, as sweeps over some of its examples. */
    class Planned(
        val kind: ControlKind,
        val sweep: SweepSpec,
        val cell: Int,
        val parts: List<Part>,
    )

    /** A sweep over the examples at [examples] of the controlled sweep. */
    class Part(
        val asked: Sweeps.Asked,
        val examples: List<Int>,
        /** Whether the stream is put in after the last layer only, since the prompts differ in length. */
        val atEnd: Boolean = false,
    )

    /** The controls that make sense for [sweep], which was measured on [contrasts]. */
    fun planned(
        sweep: SweepSpec,
        contrasts: List<ContrastSpec>,
    ): List<Planned> {
        val means = meanOver(rankings.effects(sweep.name))
        val cell = means.indices.filter { means[it] != null }.maxByOrNull { abs(means[it]!!) } ?: return emptyList()
        val spec = sweep.cells[cell]
        return listOfNotNull(
            identity(sweep, spec, contrasts)?.let { Planned(ControlKind.Identity, sweep, cell, it) },
            fullStream(sweep, spec, contrasts)?.let { Planned(ControlKind.FullStream, sweep, cell, it) },
            shuffled(sweep, spec, contrasts)?.let { Planned(ControlKind.ShuffledPairing, sweep, cell, it) },
            randomDirection(sweep, spec, contrasts)?.let { Planned(ControlKind.RandomDirection, sweep, cell, it) },
        )
    }

    /** What came of [planned], in the effects of its sweep: recoveries, or changes from the unedited run. */
    fun result(
        planned: Planned,
        swept: List<SweepResult>,
        inference: Inference?,
    ): Control {
        val sweep = rankings.result(planned.sweep.name)
        val values = MutableList<Double?>(sweep.examples.size) { null }
        planned.parts.zip(swept) { part, its ->
            part.examples.forEachIndexed { row, example ->
                val plain = its.plainMean(row)
                values[example] = plain?.let { effect(planned, sweep, example, it) }
            }
        }
        val expected =
            when (planned.kind) {
                ControlKind.Identity -> 0.0
                ControlKind.FullStream -> 1.0
                else -> null
            }
        val deviation = expected?.let { wanted -> values.filterNotNull().maxOfOrNull { abs(it - wanted) } }
        val groups = rankings.contrasts(planned.sweep.name)
        val interval = inference?.interval(planned.sweep.name + planned.kind, values, groups)
        val mean = values.filterNotNull().takeIf { it.isNotEmpty() }?.average()
        val passed = deviation?.let { it <= allowed(planned) }
        return Control(
            planned.kind,
            planned.cell,
            expected,
            values,
            mean,
            interval?.low,
            interval?.high,
            deviation,
            passed,
        )
    }

    /** Exactly nothing, but where prompts of different lengths are compared after a last layer of other shapes. */
    private fun allowed(planned: Planned): Double =
        if (planned.kind == ControlKind.FullStream && planned.parts.any { it.atEnd }) ROUNDING else 0.0

    private fun effect(
        planned: Planned,
        sweep: Result,
        example: Int,
        value: Double,
    ): Double? {
        val run = planned.sweep.cells[planned.cell].run
        val base = sweep.baseline.getValue(run.label)[example] ?: return null
        val recovers = planned.kind == ControlKind.FullStream || planned.sweep.metric is MetricSpec.Recovery
        if (!recovers || planned.kind == ControlKind.Identity) return value - base
        // Where the sweep itself has no scale, the control has none.
        if (sweep.plain != null && sweep.perExample[example][planned.cell] == null) return null
        val from = if (run == RunSpec.Clean) sweep.baseline.getValue("corrupted")[example] ?: return null else base
        val clean = sweep.baseline.getValue("clean")[example] ?: return null
        return ((value - from) / (clean - from)).finite()
    }

    private fun asked(
        sweep: SweepSpec,
        contrasts: List<ContrastSpec>,
        cells: List<CellSpec>,
    ): Sweeps.Asked {
        val metric = (sweep.metric as? MetricSpec.Recovery)?.of ?: sweep.metric
        return Sweeps.Asked(sweep.copy(metric = metric, axes = emptyList(), cells = cells), contrasts)
    }

    private fun identity(
        sweep: SweepSpec,
        cell: CellSpec,
        contrasts: List<ContrastSpec>,
    ): List<Part>? {
        val edits = cell.edits.map { it.copy(value = ValueSpec.From(cell.run)) }
        return listOf(Part(asked(sweep, contrasts, listOf(cell.copy(edits = edits))), contrasts.indices.toList()))
    }

    /** From the embedding on where both prompts have as many tokens; else what the last layer leaves at the last token. */
    private fun fullStream(
        sweep: SweepSpec,
        cell: CellSpec,
        contrasts: List<ContrastSpec>,
    ): List<Part>? {
        val patches = cell.edits.all { (it.value as? ValueSpec.From)?.run == RunSpec.Clean }
        val elsewhere = contrasts.any { it.clean.read != null }
        if (!patches || elsewhere || cell.run == RunSpec.Clean || sweep.metric.readsAll) return null
        val (equal, unequal) =
            contrasts.indices.partition { contrasts[it].run(cell.run).length == contrasts[it].clean.length }
        val value = ValueSpec.From(RunSpec.Clean)
        val whole = EditSpec("blocks.0.hook_resid_pre", value = value)
        val end = EditSpec("blocks.${model.config().layers() - 1}.hook_resid_post", at = PlaceSpec.Last, value = value)
        return listOf(equal to whole, unequal to end).filter { it.first.isNotEmpty() }.map { (examples, edit) ->
            val its = asked(sweep, contrasts.slice(examples), listOf(CellSpec(cell.run, listOf(edit))))
            Part(its, examples, atEnd = edit == end)
        }
    }

    /** Each example's corrupted run gets the activations of another example's clean run. */
    private fun shuffled(
        sweep: SweepSpec,
        cell: CellSpec,
        contrasts: List<ContrastSpec>,
    ): List<Part>? {
        val patches = cell.edits.all { (it.value as? ValueSpec.From)?.run == RunSpec.Clean }
        if (!patches || cell.run != RunSpec.Corrupted || contrasts.size < 2) return null
        val anyLength = cell.edits.none { it.at == PlaceSpec.All || it.at is PlaceSpec.Position || it.at.isSubject }
        val order = contrasts.indices.shuffled(Random(seed))
        val paired =
            order.mapIndexedNotNull { at, example ->
                val others = (order.drop(at + 1) + order.take(at)).filter { anyLength || fits(contrasts, it, example) }
                val other = others.firstOrNull { contrasts[it].answer != contrasts[example].answer }
                other?.let { example to contrasts[example].copy(clean = contrasts[it].clean) }
            }
        if (paired.isEmpty()) return null
        val sorted = paired.sortedBy { it.first }
        return listOf(Part(asked(sweep, sorted.map { it.second }, listOf(cell)), sorted.map { it.first }))
    }

    private val PlaceSpec.isSubject: Boolean get() = this is PlaceSpec.Span && span == "subject"

    private fun fits(
        contrasts: List<ContrastSpec>,
        other: Int,
        example: Int,
    ): Boolean {
        val from = contrasts[other].clean
        val to = checkNotNull(contrasts[example].corrupted)
        return from.length == to.length && from.subject == to.subject
    }

    /** As far as the edit moves the activation, in [DRAWS] random directions. */
    private fun randomDirection(
        sweep: SweepSpec,
        cell: CellSpec,
        contrasts: List<ContrastSpec>,
    ): List<Part>? {
        val known = cell.edits.all { it.value == ValueSpec.Zero || (it.value as? ValueSpec.From)?.run is RunSpec.Clean }
        val patterns = cell.edits.any { it.site.endsWith("hook_pattern") || it.site.endsWith("hook_attn_scores") }
        if (!known || patterns || cell.run is RunSpec.Noised) return null
        val random = Random(seed + sweep.name.hashCode())
        return contrasts.indices.map { example ->
            val moves = Moves(model, inputs, contrasts[example], cell)
            val cells =
                List(DRAWS) {
                    val edits =
                        cell.edits.map { edit ->
                            val own = random.nextLong()
                            functions += { x -> moves.moved(x, edit, own) }
                            edit.copy(value = ValueSpec.Lambda(index + functions.lastIndex, "a random direction"))
                        }
                    cell.copy(edits = edits)
                }
            Part(asked(sweep, listOf(contrasts[example]), cells), listOf(example))
        }
    }

    private val MetricSpec.readsAll: Boolean
        get() = this == MetricSpec.Loss || (this is MetricSpec.Recovery && of == MetricSpec.Loss)

    private companion object {
        const val DRAWS = 5
        const val ROUNDING = 1e-4
    }
}

/** The prompt that [run] reads, noised or not. */
internal fun ContrastSpec.run(run: RunSpec) = if (run == RunSpec.Corrupted) checkNotNull(corrupted) else clean
