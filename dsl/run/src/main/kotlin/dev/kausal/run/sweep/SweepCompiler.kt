package dev.kausal.run.sweep

import dev.kausal.engine.edits.Edit
import dev.kausal.engine.edits.FromRun
import dev.kausal.engine.edits.MeanOf
import dev.kausal.engine.edits.Part
import dev.kausal.engine.edits.PositionMean
import dev.kausal.engine.edits.PositionRange
import dev.kausal.engine.edits.RandomMove
import dev.kausal.engine.edits.Replacement
import dev.kausal.engine.edits.ScriptFunction
import dev.kausal.engine.edits.Zero
import dev.kausal.engine.metrics.KlDivergence
import dev.kausal.engine.metrics.LogProbability
import dev.kausal.engine.metrics.Logit
import dev.kausal.engine.metrics.LogitDifference
import dev.kausal.engine.metrics.Loss
import dev.kausal.engine.metrics.Metric
import dev.kausal.engine.metrics.Probability
import dev.kausal.engine.metrics.ScriptMetric
import dev.kausal.engine.plan.Cell
import dev.kausal.engine.plan.Run
import dev.kausal.engine.plan.SweepPlan
import dev.kausal.run.context.ScriptCode
import dev.kausal.run.context.ScriptFunctions
import dev.kausal.run.inputs.EngineInputs
import dev.kausal.run.inputs.Noise
import dev.kausal.run.inputs.Seeds
import dev.kausal.run.inputs.Step
import dev.kausal.run.inputs.labelsAt
import dev.kausal.run.inputs.rows
import dev.kausal.run.inputs.run
import dev.kausal.run.inputs.spanOf
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.EditSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.PartSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.ValueSpec
import java.util.Random

/**
 * What the engine computes for one sweep: [plan]'s cells are the [baselines] first, then [grid].
 *
 * @property baselines for each unedited run, the plan's cells by example, one per sample of noise
 * @property grid for each example and grid cell, the plan's cells, one per sample of noise
 */
internal class CompiledSweep(
    val plan: SweepPlan,
    val baselines: Map<RunSpec, List<List<Int>>>,
    val grid: List<List<List<Int>>>,
)

/**
 * Turns a sweep over contrasts into a plan of the engine: spans become positions, runs become indices, samples of noise
 * become cells of their own.
 *
 * @property deviation standard deviation of a run's noise
 * @property sources for each example the contrast whose runs its patches read; its own without them
 * @property measured which of [contrasts] have cells; the others only lend means and donors of resampling. All if null
 */
internal class SweepCompiler(
    private val sweep: SweepSpec,
    private val contrasts: List<ContrastSpec>,
    private val deviation: (RunSpec.Noised) -> Double,
    private val inputs: EngineInputs,
    private val functions: ScriptFunctions,
    private val sources: List<ContrastSpec>? = null,
    measured: List<Int>? = null,
) {
    private val measured = measured ?: contrasts.indices.toList()

    private val runs = mutableListOf<Run>()
    private val indices = mutableMapOf<RunKey, Int>()
    private val cells = mutableListOf<Cell>()

    fun compile(): CompiledSweep {
        val baselines = baselineRuns().associateWith { run -> measured.map { unedited(it, run) } }
        val grid = measured.map { example ->
            sweep.cells.mapIndexed { at, its -> cell(example, its.run, its.edits, at) }
        }
        return CompiledSweep(SweepPlan(runs, cells), baselines, grid)
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

    /** The plan's cells of one grid cell: one, or one per sample of noise and per token of a span edited token by token. */
    private fun cell(
        example: Int,
        run: RunSpec,
        edits: List<EditSpec>,
        at: Int? = null,
    ): List<Int> =
        (0 until run.draws).flatMap { sample ->
            val key = RunKey(example, run, sample)
            steps(example, run, edits).map { step ->
                val made = edits.map { edit(Made(key, it, step, at)) }
                cells += Cell(index(key), made, metric(sweep.metric, key, at))
                cells.lastIndex
            }
        }

    /** The tokens that are edited one at a time; none if the prompt, or one that is read, has no such token. */
    private fun steps(
        example: Int,
        run: RunSpec,
        edits: List<EditSpec>,
    ): List<Step?> {
        val span = edits.firstNotNullOfOrNull { (it.at as? PlaceSpec.EachOf)?.span } ?: return listOf(null)
        val count = spanOf(prompt(RunKey(example, run, 0)), span).count()
        val read = edits.mapNotNull { (it.value.read as? ValueSpec.From)?.run }.distinct() - run
        val absent = read.any { spanOf(prompt(source(example, it, 0)), span).isEmpty() }
        return if (absent) emptyList() else List(count) { Step(it, count) }
    }

    private fun index(key: RunKey): Int =
        indices.getOrPut(key) {
            val prompt = prompt(key)
            val noise = (key.run as? RunSpec.Noised)?.let { Noise.edit(it, prompt, key.sample, deviation(it)) }
            runs += inputs.run(prompt, listOfNotNull(noise))
            runs.lastIndex
        }

    private fun prompt(key: RunKey): PromptSpec {
        val contrast = (sources.takeIf { key.lent } ?: contrasts)[key.example]
        return contrast.run(key.run)
    }

    /** The run that a patch of [example] reads. */
    private fun source(
        example: Int,
        run: RunSpec,
        sample: Int,
    ) = RunKey(example, run, sample, lent = sources != null)

    private fun edit(made: Made): Edit {
        val rows = made.spec.at.rows(prompt(made.key), made.step)
        return Edit(made.spec.site, rows, made.spec.part.toPart(), value(made, made.spec.value))
    }

    private fun PartSpec.toPart(): Part =
        when (this) {
            PartSpec.All -> Part.ALL
            is PartSpec.Head -> Part.Head(head)
            is PartSpec.Neuron -> Part.Unit(neuron)
        }

    private fun value(
        made: Made,
        value: ValueSpec,
    ): Replacement =
        when (value) {
            ValueSpec.Zero -> Zero()
            ValueSpec.Mean -> MeanOf(sameRuns(made.key))
            ValueSpec.PositionMean -> PositionMean(sameRuns(made.key), made.spec.at.rows(prompt(made.key), made.step))
            is ValueSpec.Resample -> resample(made, value.seed)
            is ValueSpec.From -> from(made, value.run)
            is ValueSpec.RandomMove -> randomMove(made, value, value(made, value.like))
            is ValueSpec.Lambda -> lambda(made, value)
        }

    /** The run of [key] of every example. */
    private fun sameRuns(key: RunKey): List<Int> = contrasts.indices.map { index(key.copy(example = it)) }

    private fun lambda(
        made: Made,
        value: ValueSpec.Lambda,
    ): Replacement {
        val code = ScriptCode("The hook", value.place) { "at ${made.spec.site}, ${where(made.key, made.cell)}" }
        return ScriptFunction { x -> code.edited(x) { functions.edited(value.index, it) } }
    }

    /** Names a grid cell, or an unedited run if [cell] is null, of one example. */
    private fun where(
        key: RunKey,
        cell: Int?,
    ): String {
        val labels = cell?.let { sweep.axes.labelsAt(it) }.orEmpty()
        val named = if (labels.isEmpty()) "" else " (${labels.joinToString()})"
        return "in the sweep '${sweep.name}'$named, on the ${key.run.label} run of '${contrasts[key.example].label}'"
    }

    /** Another direction for each example, draw of noise and token. */
    private fun randomMove(
        made: Made,
        move: ValueSpec.RandomMove,
        like: Replacement,
    ): Replacement {
        val seed = Seeds.randomMove(move.seed, made.key.example, made.key.sample, made.step?.index ?: 0)
        return RandomMove(like, seed)
    }

    private fun from(
        made: Made,
        run: RunSpec,
    ): Replacement {
        val key = made.key
        // What an edit keeps of its own run is of the same draw, and never lent.
        val source = if (run == key.run) key else source(key.example, run, key.sample % run.draws)
        return FromRun(index(source), made.spec.at.rows(prompt(source), made.step))
    }

    /** A donor that reaches as far as the edited positions, so that each has one of the same number. */
    private fun resample(
        made: Made,
        seed: Long,
    ): Replacement {
        val key = made.key
        val prompt = prompt(key)
        val edited = made.spec.at.rows(prompt, made.step)
        val rows = if (edited.all()) PositionRange(0, prompt.tokens.lastIndex) else edited
        val donors = donors(key).filter { prompt(it).length > rows.last() }
        check(donors.isNotEmpty()) { "no donor prompt of ${rows.last() + 1} tokens for '${prompt.text}'" }
        val donor = donors[Random(Seeds.donor(seed, key.example)).nextInt(donors.size)]
        return FromRun(index(donor), rows)
    }

    private fun donors(key: RunKey): List<RunKey> {
        val side = if (key.run == RunSpec.Corrupted) RunSpec.Corrupted else RunSpec.Clean
        val others = contrasts.indices.filter { it != key.example }.map { RunKey(it, side, 0) }
        val opposite = if (side == RunSpec.Clean) RunSpec.Corrupted else RunSpec.Clean
        val own = RunKey(key.example, opposite, 0).takeIf { contrasts[key.example].corrupted != null }
        return others.ifEmpty { listOfNotNull(own) }
    }

    private fun metric(
        spec: MetricSpec,
        key: RunKey,
        cell: Int?,
    ): Metric {
        val example = key.example
        val answer = contrasts[example].answer?.id ?: NO_ANSWER
        return when (spec) {
            MetricSpec.LogitDifference, MetricSpec.Accuracy -> {
                LogitDifference(answer, checkNotNull(contrasts[example].foil).id)
            }

            MetricSpec.Logit -> {
                Logit(answer)
            }

            MetricSpec.Probability -> {
                Probability(answer)
            }

            MetricSpec.LogProbability -> {
                LogProbability(answer)
            }

            MetricSpec.Kl -> {
                KlDivergence(index(RunKey(example, RunSpec.Clean, 0)))
            }

            MetricSpec.Loss -> {
                Loss()
            }

            is MetricSpec.Recovery -> {
                metric(spec.of, key, cell)
            }

            is MetricSpec.Named -> {
                val code = ScriptCode("The metric '${spec.name}'", null) { where(key, cell) }
                ScriptMetric { logits -> code.call { functions.measured(spec.index, logits) } }
            }
        }
    }

    private companion object {
        /** Of metrics that read none; binding has made sure that the others have one. */
        const val NO_ANSWER = -1
    }
}

/** Whether the edit puts back what [run], the run that it is made to, has there. */
internal fun EditSpec.keeps(run: RunSpec): Boolean = (value as? ValueSpec.From)?.run == run

/** The value that decides which runs are read: this one, or the one that its size is taken from. */
internal val ValueSpec.read: ValueSpec get() = if (this is ValueSpec.RandomMove) like.read else this
