package dev.kausal.run.sweep

import dev.kausal.engine.edits.Edit
import dev.kausal.engine.metrics.LogLikelihood
import dev.kausal.engine.metrics.Metric
import dev.kausal.engine.plan.Cell
import dev.kausal.engine.plan.SweepPlan
import dev.kausal.engine.tensor.Indices
import dev.kausal.run.context.CompiledSweep
import dev.kausal.run.context.ConsecutiveCells
import dev.kausal.run.context.GridNumbers
import dev.kausal.run.context.ScriptFunctions
import dev.kausal.run.inputs.Step
import dev.kausal.run.inputs.continuations
import dev.kausal.run.inputs.metric
import dev.kausal.run.inputs.positions
import dev.kausal.run.inputs.run
import dev.kausal.run.inputs.spanOf
import dev.kausal.spec.EditSpec
import dev.kausal.spec.EstimateSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.ValueSpec
import dev.kausal.spec.VectorSpec

/**
 * Compiles a sweep over contrasts into a plan of the engine: spans become positions, runs become indices, samples of
 * noise become separate cells.
 *
 * @property measured indices of the contrasts with cells; the others only provide means and resampling donors. All if
 *   null
 */
internal class SweepCompiler(
    private val sweep: SweepSpec,
    private val given: SweepInputs,
    private val functions: ScriptFunctions,
    measured: List<Int>? = null,
) {
    private val contrasts = given.contrasts
    private val measured = measured ?: contrasts.indices.toList()

    private val plan = PlanRuns(sweep, given, functions)
    private val values = GridValues(sweep, given.points) { given.inputs.vectors[it] is VectorSpec.Random }
    private val grid = sweep.cells.map { values.cell(it.edits) }
    private val cells = SweepCells.Builder()
    private val edited = LinkedHashMap<RunKey, EditedRun>()
    private var latest: EditedRun? = null
    private val others = mutableMapOf<Int, Int>()
    private val paths = sweep.by is EstimateSpec.IntegratedGradients

    fun compile(): CompiledSweep {
        val baselines = baselineRuns().associateWith { run -> measured.map { unedited(it, run) } }
        val ends = Indices()
        ends.add(cells.size)
        measured.forEach { example ->
            val continuations = sweep.metric.continuations(contrasts[example])
            sweep.cells.forEachIndexed { at, cell ->
                add(example, cell.run, continuations, at)
                ends.add(cells.size)
            }
        }
        val all = cells.build(edited.values.toList(), grid)
        // Without cells, each example still has a row.
        val numbers =
            if (grid.isEmpty()) measured.map { emptyList() } else GridNumbers(grid.size, ends.ints())
        return CompiledSweep(SweepPlan(plan.runs, all, others), baselines, numbers)
    }

    private fun baselineRuns(): Set<RunSpec> =
        buildSet {
            add(RunSpec.Clean)
            if (contrasts.all { it.corrupted != null }) {
                add(RunSpec.Corrupted)
            }
            sweep.cells.forEach { add(it.run) }
        }

    private fun unedited(
        example: Int,
        run: RunSpec,
    ): List<Int> {
        val first = cells.size
        add(example, run, sweep.metric.continuations(contrasts[example]), NONE)
        return ConsecutiveCells(first, cells.size - first)
    }

    /**
     * Adds the plan's cells of one grid cell, or of an unedited run: one, or one per sample of noise, token of a span edited
     * token by token and continuation that is measured, the last varying fastest.
     */
    private fun add(
        example: Int,
        run: RunSpec,
        continuations: List<List<Int>>,
        at: Int,
    ) {
        val steps = if (at != NONE && grid[at].steps) steps(example, run, grid[at].edits) else AT_ONCE
        for (sample in 0 until run.draws) {
            for (step in steps) {
                for (tokens in continuations) {
                    add(edited(example, run, sample, tokens), step, at)
                }
            }
        }
    }

    /** Returns the edited run, which has its number from now on. */
    private fun edited(
        example: Int,
        run: RunSpec,
        sample: Int,
        continuation: List<Int>,
    ): EditedRun {
        latest?.key?.let {
            val same = it.example == example && it.sample == sample && it.run == run
            if (same && it.continuation == continuation) return latest!!
        }
        val key = RunKey(example, run, sample, continuation = continuation)
        return edited
            .getOrPut(key) { EditedRun(edited.size, key, plan.prompt(key), arrayOfNulls(values.count)) }
            .also { latest = it }
    }

    /** Adds a cell of the plan. */
    private fun add(
        run: EditedRun,
        step: Step?,
        at: Int,
    ) {
        val cell = grid.getOrNull(at)
        val edits = cell?.edits.orEmpty()
        val made = cell?.let { written(run, it, step, at) }
        if (paths && edits.isNotEmpty()) others[plan.index(run.key)] = plan.index(other(run.key))
        if (run.index < 0) run.index = plan.index(run.key)
        val metric = metric(run, at)
        cells.add(run.number, at, if (made == null && metric == run.metric) null else own(run, made, metric, at))
    }

    /** Returns the edits of a cell with some of its own; null if its place in the grid and its run say what it writes. */
    private fun written(
        run: EditedRun,
        cell: GridCell,
        step: Step?,
        at: Int,
    ): List<Edit>? {
        val numbers = cell.values
        if (numbers == null || step != null) {
            return cell.edits.map { plan.edit(CellEdit(run.key, it, cell.edits, step, at)) }
        }
        numbers.forEachIndexed { i, number ->
            run.values[number] = run.values[number] ?: plan.written(run.key, cell.edits[i])
        }
        return null
    }

    private fun own(
        run: EditedRun,
        made: List<Edit>?,
        metric: Metric,
        at: Int,
    ): Cell {
        val edits = made ?: grid.getOrNull(at)?.let { cell -> cell.edits.indices.map { cell.edit(it, run) } }.orEmpty()
        return Cell(run.index, edits, metric)
    }

    /** Returns the run from whose input embedding integrated gradients go to that of [key]. */
    private fun other(key: RunKey): RunKey =
        RunKey(
            key.example,
            if (key.run == RunSpec.Clean) RunSpec.Corrupted else RunSpec.Clean,
            0,
            continuation = key.continuation,
        )

    /** Returns the tokens to edit one at a time; none if the edited prompt or one that is read has no such token. */
    private fun steps(
        example: Int,
        run: RunSpec,
        edits: List<EditSpec>,
    ): List<Step?> {
        val span = edits.firstNotNullOfOrNull { (it.at as? PlaceSpec.EachOf)?.span } ?: return listOf(null)
        val count = spanOf(plan.prompt(RunKey(example, run, 0)), span).count()
        val read = edits.mapNotNull { (it.value.read as? ValueSpec.From)?.run }.distinct() - run
        val absent = read.any { spanOf(plan.prompt(plan.source(example, it, 0)), span).isEmpty() }
        return if (absent) emptyList() else List(count) { Step(it, count) }
    }

    private fun metric(
        run: EditedRun,
        cell: Int,
    ): Metric {
        // One of a script says in its errors which cell it is called for.
        if (sweep.metric.plain is MetricSpec.Named && run.key.continuation.isEmpty()) {
            return made(sweep.metric, run.key, cell.takeIf { it != NONE })
        }
        return run.metric ?: shared(run.key).also { run.metric = it }
    }

    private fun shared(key: RunKey): Metric =
        if (key.continuation.isEmpty()) made(sweep.metric, key, null) else LogLikelihood(key.continuation.size)

    private fun made(
        spec: MetricSpec,
        key: RunKey,
        cell: Int?,
    ): Metric {
        val reference = { plan.index(RunKey(key.example, RunSpec.Clean, 0)) }
        val contrast = contrasts[key.example]
        return contrast.metric(spec, reference) {
            functions.metric(it, contrast, key.run, plan.prompt(key)) { plan.where(key, cell) }
        }
    }

    private companion object {
        /** In place of a grid cell's number: an unedited run. */
        const val NONE = -1

        /** All positions of an edit together. */
        val AT_ONCE = listOf<Step?>(null)
    }
}

/** Returns whether the edit writes back the values of [run], its own run. */
internal fun EditSpec.keeps(run: RunSpec): Boolean = (value as? ValueSpec.From)?.run == run

/** The value that determines which runs are read: this one, or the one that it takes its size from. */
internal val ValueSpec.read: ValueSpec get() = if (this is ValueSpec.RandomMove) like.read else this
