package dev.kausal.run

import dev.kausal.bundle.ArrayFolder
import dev.kausal.run.analyses.Planned
import dev.kausal.run.analyses.Stage
import dev.kausal.run.backend.Backend
import dev.kausal.run.context.AnalysisProgress
import dev.kausal.run.context.Assignment
import dev.kausal.run.context.Journal
import dev.kausal.run.context.PartsMissing
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.RunnableExperiment
import dev.kausal.run.context.Setting
import dev.kausal.run.context.inFile
import dev.kausal.run.context.readJson
import dev.kausal.run.context.writeJson
import dev.kausal.run.controls.SweepControls
import dev.kausal.run.inference.acrossResults
import dev.kausal.run.inputs.AnswerLogits
import dev.kausal.run.inputs.EmbeddingDeviation
import dev.kausal.run.inputs.EngineInputs
import dev.kausal.run.inputs.Noise
import dev.kausal.run.inputs.OpenDictionaries
import dev.kausal.run.inputs.PrecisionErrors
import dev.kausal.run.sweep.NoiseFloors
import dev.kausal.run.sweep.SweepResult
import dev.kausal.run.sweep.Sweeps
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.FilterResult
import dev.kausal.spec.MissingBlank
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.kept
import dev.kausal.spec.outputs
import kotlinx.serialization.builtins.ListSerializer

/**
 * Runs an experiment on one model, from its spec and the script's functions.
 *
 * @property journal finished parts of an interrupted run of the same experiment
 * @property given results that are taken as they are instead of computed, by analysis; others may depend on them
 * @property arrays destination of the numbers of large results
 * @property assignment which parts this process computes
 */
public class ExperimentRunner(
    private val experiment: RunnableExperiment,
    private val backend: Backend,
    private val journal: Journal = Journal.None,
    private val given: Map<String, List<Result>> = emptyMap(),
    private val arrays: ArrayFolder = ArrayFolder.temporary(),
    private val assignment: Assignment = Assignment.All,
) {
    private val spec = experiment.spec
    private val dictionaries = OpenDictionaries(spec.dictionaries, experiment.dictionaries, backend)
    private val inputs = EngineInputs(experiment.images, spec.vectors, dictionaries)
    private val noise = Noise(spec, EmbeddingDeviation(backend, inputs))

    /**
     * Runs the filters, then every analysis on the examples they keep, stage by stage. The sweeps of a stage form one
     * plan, so that they share the runs that they start from. Results are in the script's order.
     */
    public fun run(progress: AnalysisProgress): Results = checkNotNull(shard(progress).results) { "parts are missing" }

    /**
     * Does as [run], but computes only parts of this process's [assignment]; the journal has those of others.
     *
     * @return the results, or what is missing for them
     */
    public fun shard(progress: AnalysisProgress): ShardEnd =
        try {
            dictionaries.use { ShardEnd(results(progress), emptyMap()) }
        } catch (e: PartsMissing) {
            ShardEnd(null, e.parts)
        }

    private fun results(progress: AnalysisProgress): Results {
        val logits = AnswerLogits(backend, inputs, Setting.of(backend, spec)::promptRows)
        val filters = journal.readJson(FILTERS, FILTERED) ?: filtered(logits, progress)
        val kept = spec.kept(filters)
        val blanks = journal.readJson(BLANKS, MISSING) ?: blanks(logits, kept)
        val context =
            RunContext(kept, spec, experiment, backend, inputs, noise, progress, journal, given, arrays, assignment)
        val (first, later) = Stage.entries.partition { it.first }
        val names = PartsMissing.gathered(first.map { { StageRun(it, context).run() } }).merged() +
            later.map { StageRun(it, context).run() }.merged()
        val results = spec.analyses.flatMap { names.getValue(it.name) }.map { context.results.getValue(it) }
        val inferred = spec.inference?.let { acrossResults(results, it) } ?: results
        val error = PrecisionErrors(backend, inputs).of(kept.contrasts)
        return Results(results = inferred, filters = filters, missingBlanks = blanks, bfloat16 = error)
    }

    /** Returns the outcomes of the filters; shards keep them, so that all have the same examples. */
    private fun filtered(
        logits: AnswerLogits,
        progress: AnalysisProgress,
    ): List<FilterResult> {
        val found = Filters(logits, spec.model.outputs, progress).apply(spec.contrasts)
        if (assignment != Assignment.All) journal.writeJson(FILTERS, FILTERED, found)
        return found
    }

    /** Returns the effects of leading blanks; kept, since they are read in the passes of the filters. */
    private fun blanks(
        logits: AnswerLogits,
        kept: ExperimentSpec,
    ): List<MissingBlank> {
        val found = MissingBlanks(logits).of(kept.contrasts)
        if (assignment != Assignment.All) journal.writeJson(BLANKS, MISSING, found)
        return found
    }

    private companion object {
        const val BLANKS = "blanks"
        val MISSING = ListSerializer(MissingBlank.serializer())
        const val FILTERS = "filters"
        val FILTERED = ListSerializer(FilterResult.serializer())

        fun List<Map<String, List<String>>>.merged(): Map<String, List<String>> =
            fold(emptyMap()) { found, names -> found + names }
    }
}

/**
 * How a process that computes some parts of a run ended.
 *
 * @property results the results; null if parts are missing
 * @property missing names of missing parts, and the shards that compute them; 0 if only a merge does
 */
public class ShardEnd internal constructor(
    public val results: Results?,
    public val missing: Map<String, Int>,
)

/** One stage of a run. */
private class StageRun(
    private val stage: Stage,
    private val on: RunContext,
) {
    private val planned =
        on.spec.analyses.filter { stageOf(it) == stage }.map { it.name to (given(it) ?: plan(it)) }
    private val controls = if (stage == Stage.ABLATIONS && on.spec.inference?.controls == true) {
        controls()
    } else {
        emptyList()
    }

    private fun given(spec: AnalysisSpec): Planned? =
        on.given[spec.name]?.let { results ->
            object : Planned {
                override fun results(swept: List<SweepResult>): List<Result> = results
            }
        }

    private fun <S : AnalysisSpec> plan(spec: S): Planned = Analyses.of(spec).plan(spec, on)

    private fun <S : AnalysisSpec> stageOf(spec: S): Stage = Analyses.of(spec).stage(spec)

    private fun controls(): List<Planned> {
        val sweeps = on.spec.analyses.filterIsInstance<SweepSpec>().filter { it.name !in on.given }
        return sweeps.map { SweepControls(on.choices.resolved(it), on) }
    }

    /** Computes the results of the stage; returns the names of each analysis's own. */
    fun run(): Map<String, List<String>> {
        val own = planned.flatMap { it.second.asked }
        val swept = Sweeps(on).run(own + controls.flatMap { it.asked }, title())
        NoiseFloors(on).measure(swept.take(own.size), stage.name.lowercase())
        val made = swept.iterator()
        val names = PartsMissing.gathered(planned.map { (name, plan) -> { name to keep(plan, made) } }).toMap()
        controls.forEach { keep(it, made) }
        return names
    }

    /** Returns a title for the sweeps of the stage; null if they have names of their own. */
    private fun title(): String? =
        when (stage) {
            Stage.SWEEPS -> {
                null
            }

            Stage.CHOSEN -> {
                "sweeps of what was chosen"
            }

            else -> {
                val joint = "joint ablations".takeIf { planned.isNotEmpty() }
                listOfNotNull(joint, "controls".takeIf { controls.any { it.asked.isNotEmpty() } }).joinToString(" and ")
            }
        }

    private fun keep(
        plan: Planned,
        made: Iterator<SweepResult>,
    ): List<String> {
        val results = plan.results(List(plan.asked.size) { made.next() }).map { on.inFile(it) }
        results.forEach { on.results[it.name] = it }
        return results.map { it.name }
    }
}
