package dev.kausal.run.sweep

import dev.kausal.engine.edits.RandomMove
import dev.kausal.engine.metrics.LogLikelihood
import dev.kausal.engine.metrics.Metric
import dev.kausal.engine.plan.Cell
import dev.kausal.engine.plan.SweepPlan
import dev.kausal.run.context.CompiledSweep
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
    private val cells = mutableListOf<Cell>()
    private val others = mutableMapOf<Int, Int>()
    private val metrics = mutableMapOf<RunKey, Metric>()
    private val paths = sweep.by is EstimateSpec.IntegratedGradients

    fun compile(): CompiledSweep {
        val baselines = baselineRuns().associateWith { run -> measured.map { unedited(it, run) } }
        val grid = measured.map { example ->
            sweep.cells.mapIndexed { at, edited -> cell(example, edited.run, edited.edits, at) }
        }
        return CompiledSweep(SweepPlan(plan.runs, cells, others), baselines, grid)
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
    ): List<Int> = cell(example, run, emptyList())

    /**
     * Returns the plan's cells of one grid cell: one, or one per sample of noise, token of a span edited token by token
     * and continuation that is measured, the last varying fastest.
     */
    private fun cell(
        example: Int,
        run: RunSpec,
        edits: List<EditSpec>,
        at: Int? = null,
    ): List<Int> =
        (0 until run.draws).flatMap { sample ->
            val key = RunKey(example, run, sample)
            steps(example, run, edits).flatMap { step ->
                sweep.metric.continuations(contrasts[example]).map { tokens ->
                    add(key.copy(continuation = tokens), edits, step, at)
                }
            }
        }

    /** Returns the number of a new cell of the plan. */
    private fun add(
        key: RunKey,
        edits: List<EditSpec>,
        step: Step?,
        at: Int?,
    ): Int {
        val made = edits.map { plan.edit(CellEdit(key, it, edits, step, at)) }
        if (paths && edits.isNotEmpty()) others[plan.index(key)] = plan.index(other(key))
        cells += Cell(plan.index(key), made, metric(sweep.metric, key, at))
        return cells.lastIndex
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
        spec: MetricSpec,
        key: RunKey,
        cell: Int?,
    ): Metric {
        if (key.continuation.isNotEmpty()) return LogLikelihood(key.continuation.size)
        // One of a script says in its errors which cell it is called for.
        return if (spec.plain is MetricSpec.Named) {
            made(spec, key, cell)
        } else {
            metrics.getOrPut(key) {
                made(spec, key, null)
            }
        }
    }

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
}

/** Returns whether the edit writes back the values of [run], its own run. */
internal fun EditSpec.keeps(run: RunSpec): Boolean = (value as? ValueSpec.From)?.run == run

/** The value that determines which runs are read: this one, or the one that it takes its size from. */
internal val ValueSpec.read: ValueSpec get() = if (this is ValueSpec.RandomMove) like.read else this
