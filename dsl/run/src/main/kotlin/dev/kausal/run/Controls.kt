package dev.kausal.run

import dev.kausal.engine.hooks.HookKind
import dev.kausal.run.analyses.Planned
import dev.kausal.run.backend.SweepRequest
import dev.kausal.run.context.RunContext
import dev.kausal.run.inference.Inference
import dev.kausal.run.inference.Rankings
import dev.kausal.run.inference.finite
import dev.kausal.run.inference.meanOver
import dev.kausal.run.inputs.Seeds
import dev.kausal.run.inputs.run
import dev.kausal.run.sweep.SweepResult
import dev.kausal.run.sweep.keeps
import dev.kausal.spec.CellSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.Control
import dev.kausal.spec.ControlKind
import dev.kausal.spec.EditSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.Result
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.ValueSpec
import dev.kausal.spec.question
import dev.kausal.statistics.Ratios
import java.util.Random
import kotlin.math.abs

/**
 * The runs with a known outcome, and the null comparisons, of a sweep. All use the cell with the largest change: an
 * artefact there would show up in them.
 *
 * @param layers number of layers of the model
 */
internal class Controls(
    private val layers: Int,
    private val rankings: Rankings,
    private val seed: Long,
) {
    /** A control of one sweep, as sweeps over some of its examples. */
    class Planned(
        val kind: ControlKind,
        val sweep: SweepSpec,
        val cell: Int,
        val parts: List<Part>,
    )

    /** A sweep over the examples of the controlled sweep at [examples]. */
    class Part(
        val asked: SweepRequest,
        val examples: List<Int>,
    )

    /** Returns the controls that apply to [sweep], which was measured on [contrasts]. */
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

    /** The run that all edits of the cell patch from; null if there is none, or it is the edited run itself. */
    private val CellSpec.source: RunSpec?
        get() = edits.filterNot { it.keeps(run) }.map { (it.value as? ValueSpec.From)?.run }.distinct().singleOrNull()

    /** Returns the outcomes of [planned] as effects of its sweep: recoveries, or changes from the unedited run. */
    fun result(
        planned: Planned,
        swept: List<SweepResult>,
        inference: Inference?,
    ): Control {
        val sweep = rankings.result(planned.sweep.name)
        val values = MutableList<Double?>(sweep.examples.size) { null }
        planned.parts.zip(swept) { part, outcome ->
            part.examples.forEachIndexed { row, example ->
                val plain = outcome.plainMean(row)
                values[example] = plain?.let { effect(planned, sweep, example, it) }
            }
        }
        val expected =
            when (planned.kind) {
                ControlKind.Identity -> 0.0
                ControlKind.FullStream -> 1.0
                else -> null
            }
        val worst = expected?.let { worst(planned, sweep, values, it) }
        val groups = rankings.contrasts(planned.sweep.name)
        val interval = inference?.interval(planned.sweep.name + planned.kind, values, groups)
        val mean = values.filterNotNull().takeIf { it.isNotEmpty() }?.average()
        return Control(
            planned.kind,
            planned.cell,
            expected,
            values,
            mean,
            interval?.low,
            interval?.high,
            worst?.deviation,
            worst?.let { it.deviation <= it.allowed },
            worst?.allowed,
        )
    }

    /** The deviation of a value from the expected one, and what rounding allows. */
    private class Deviation(
        val deviation: Double,
        val allowed: Double,
    )

    /** Returns the value furthest from [expected], relative to what rounding allows. */
    private fun worst(
        planned: Planned,
        sweep: Result,
        values: List<Double?>,
        expected: Double,
    ): Deviation? =
        values.indices
            .mapNotNull { example ->
                values[example]?.let { Deviation(abs(it - expected), allowed(planned, sweep, example)) }
            }.maxByOrNull { it.deviation / maxOf(it.allowed, Double.MIN_VALUE) }

    /** Returns the noise floor; for a whole stream, whose value is a share, in units of the example's gap. */
    private fun allowed(
        planned: Planned,
        sweep: Result,
        example: Int,
    ): Double {
        val rounding = checkNotNull(sweep.rounding)
        if (planned.kind == ControlKind.Identity) return rounding.floor
        val cell = planned.sweep.cells[planned.cell]
        val gap = gaps(sweep, cell.run, checkNotNull(cell.source))[example] ?: return rounding.floor
        return rounding.ofShare(gap, 1.0)
    }

    private fun effect(
        planned: Planned,
        sweep: Result,
        example: Int,
        value: Double,
    ): Double? {
        val cell = planned.sweep.cells[planned.cell]
        val base = sweep.baseline.getValue(cell.run.label)[example] ?: return null
        val whole = planned.kind == ControlKind.FullStream
        val recovers = planned.sweep.metric is MetricSpec.Recovery
        if (planned.kind == ControlKind.Identity || !(whole || recovers)) return value - base
        // If the sweep itself has no scale, neither does the control.
        if (recovers && sweep.perExample[example][planned.cell] == null) return null
        val towards = if (whole) checkNotNull(cell.source) else RunSpec.Clean
        val from = if (recovers && cell.run == RunSpec.Clean && !whole) RunSpec.Corrupted else cell.run
        return share(sweep, from, towards, example, value)
    }

    /** Returns [value]'s share of the way between two unedited runs; null if they are too close for a scale. */
    private fun share(
        sweep: Result,
        from: RunSpec,
        towards: RunSpec,
        example: Int,
        value: Double,
    ): Double? {
        val gaps = gaps(sweep, from, towards)
        if (!Ratios.usable(gaps)[example]) return null
        return ((value - sweep.baseline.getValue(from.label)[example]!!) / gaps[example]!!).finite()
    }

    private fun gaps(
        sweep: Result,
        from: RunSpec,
        towards: RunSpec,
    ): List<Double?> {
        val start = sweep.baseline.getValue(from.label)
        val end = sweep.baseline.getValue(towards.label)
        return start.zip(end) { a, b -> if (a == null || b == null) null else b - a }
    }

    private fun asked(
        sweep: SweepSpec,
        contrasts: List<ContrastSpec>,
        cells: List<CellSpec>,
    ): SweepRequest {
        val metric = (sweep.metric as? MetricSpec.Recovery)?.of ?: sweep.metric
        return SweepRequest(sweep.copy(metric = metric, axes = emptyList(), cells = cells, exact = null), contrasts)
    }

    private fun identity(
        sweep: SweepSpec,
        cell: CellSpec,
        contrasts: List<ContrastSpec>,
    ): List<Part>? {
        val edits = cell.edits.map { it.copy(value = ValueSpec.From(cell.run)) }
        return listOf(Part(asked(sweep, contrasts, listOf(cell.copy(edits = edits))), contrasts.indices.toList()))
    }

    /** Patches the embedding if both prompts have equally many tokens, else the final stream at the last token. */
    private fun fullStream(
        sweep: SweepSpec,
        cell: CellSpec,
        contrasts: List<ContrastSpec>,
    ): List<Part>? {
        val source = cell.source ?: return null
        // A first-order estimate of a whole run's change is not that run.
        if (sweep.by != null) return null
        val elsewhere = contrasts.any { it.clean.read != null }
        val unmeasured = source.label !in rankings.result(sweep.name).baseline
        if (elsewhere || unmeasured || sweep.metric.readsAll) return null
        val (equal, unequal) =
            contrasts.indices.partition { contrasts[it].run(cell.run).length == contrasts[it].run(source).length }
        val value = ValueSpec.From(source)
        val whole = EditSpec(HookKind.RESID_PRE.name(0), value = value)
        val end = EditSpec(HookKind.RESID_POST.name(layers - 1), at = PlaceSpec.Last, value = value)
        return listOf(equal to whole, unequal to end).filter { it.first.isNotEmpty() }.map { (examples, edit) ->
            val request = asked(sweep, contrasts.slice(examples), listOf(CellSpec(cell.run, listOf(edit))))
            Part(request, examples)
        }
    }

    /** Patches each example's edited run with the activations of another example's source run. */
    private fun shuffled(
        sweep: SweepSpec,
        cell: CellSpec,
        contrasts: List<ContrastSpec>,
    ): List<Part>? {
        val source = cell.source ?: return null
        if (contrasts.size < 2) return null
        val anyLength = cell.edits.none { it.at == PlaceSpec.All || it.at is PlaceSpec.Position || it.at.isSubject }
        val order = contrasts.indices.shuffled(Random(seed))
        val paired =
            order.mapIndexedNotNull { at, example ->
                val own = contrasts[example]
                val others = (order.drop(at + 1) + order.take(at)).map { contrasts[it] }
                val fitting = others.filter { anyLength || fits(it.run(source), own.run(cell.run)) }
                fitting.firstOrNull { it.question.answers != own.question.answers }?.let { example to it }
            }
        if (paired.isEmpty()) return null
        val examples = paired.map { it.first }.sorted()
        val donors = paired.toMap()
        val asked = asked(sweep, contrasts.slice(examples), listOf(cell))
        return listOf(Part(asked.copy(sources = examples.map(donors::getValue)), examples))
    }

    private val PlaceSpec.isSubject: Boolean get() = this is PlaceSpec.Span && span == "subject"

    private fun fits(
        from: PromptSpec,
        to: PromptSpec,
    ): Boolean = from.length == to.length && from.subject == to.subject

    /** Moves the activation as far as the edit does, in [DRAWS] random directions. */
    private fun randomDirection(
        sweep: SweepSpec,
        cell: CellSpec,
        contrasts: List<ContrastSpec>,
    ): List<Part>? {
        if (cell.edits.isEmpty()) return null
        val random = Random(Seeds.directions(seed, sweep.name))
        val draws =
            List(DRAWS) {
                val moved = cell.edits.map { if (it.keeps(cell.run)) it else it.moved(random.nextLong()) }
                cell.copy(edits = moved)
            }
        return listOf(Part(asked(sweep, contrasts, draws), contrasts.indices.toList()))
    }

    private fun EditSpec.moved(seed: Long) = copy(value = ValueSpec.RandomMove(value, seed))

    private val MetricSpec.readsAll: Boolean
        get() = this == MetricSpec.Loss || (this is MetricSpec.Recovery && of == MetricSpec.Loss)

    private companion object {
        const val DRAWS = 5
    }
}

/** The controls of the sweep called [name], as sweeps, and its result including their outcomes. */
internal class SweepControls(
    private val controls: Controls,
    private val planned: List<Controls.Planned>,
    private val name: String,
    private val on: RunContext,
) : Planned {
    override val asked: List<SweepRequest> = planned.flatMap { it.parts }.map { it.asked }

    override fun results(swept: List<SweepResult>): List<Result> {
        val made = swept.iterator()
        val found = planned.map { one -> controls.result(one, List(one.parts.size) { made.next() }, on.inference) }
        return listOf(on.results.getValue(name).copy(controls = found))
    }
}
