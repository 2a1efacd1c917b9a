package dev.kausal.run

import dev.kausal.bundle.ArrayFolder
import dev.kausal.run.analyses.Stage
import dev.kausal.run.backend.Backend
import dev.kausal.run.context.AnalysisProgress
import dev.kausal.run.context.Assignment
import dev.kausal.run.context.Journal
import dev.kausal.run.context.PartsMissing
import dev.kausal.run.context.RunContext
import dev.kausal.run.context.RunnableExperiment
import dev.kausal.run.context.Setting
import dev.kausal.run.context.readJson
import dev.kausal.run.context.writeJson
import dev.kausal.run.inference.acrossResults
import dev.kausal.run.inputs.AnswerLogits
import dev.kausal.run.inputs.EmbeddingDeviation
import dev.kausal.run.inputs.EngineInputs
import dev.kausal.run.inputs.Noise
import dev.kausal.run.inputs.OpenDictionaries
import dev.kausal.run.inputs.PrecisionErrors
import dev.kausal.spec.FilterResult
import dev.kausal.spec.MissingBlank
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import dev.kausal.spec.kept
import dev.kausal.spec.outputs
import kotlinx.serialization.KSerializer
import kotlinx.serialization.builtins.ListSerializer

/**
 * A run in steps. It keeps what it has laid out and computed: a step begins where parts were missing in the one before,
 * and reads those that the journal has now.
 */
public class OpenRun internal constructor(
    private val experiment: RunnableExperiment,
    private val backend: Backend,
    private val journal: Journal,
    private val given: Map<String, List<Result>>,
    private val arrays: ArrayFolder,
    private val assignment: Assignment,
) : AutoCloseable {
    private val spec = experiment.spec
    private val dictionaries = OpenDictionaries(spec.dictionaries, experiment.dictionaries, backend)
    private val inputs = EngineInputs(experiment.images, spec.vectors, dictionaries)
    private val progress = ProgressOfStep()
    private var filtered: Filtered? = null
    private val stages = HashMap<Stage, StageRun>()
    private val ended = HashMap<Stage, Map<String, List<String>>>()

    /** The run after its filters. */
    private class Filtered(
        val filters: List<FilterResult>,
        val blanks: List<MissingBlank>,
        val context: RunContext,
    )

    /**
     * Computes the parts of [assignment] that the journal lacks, and all that follows from those that are there. One thread
     * at a time calls this.
     *
     * @return the results, or what is missing for them
     */
    public fun advance(
        progress: AnalysisProgress,
        assignment: Assignment = this.assignment,
    ): ShardEnd {
        this.progress.to = progress
        return try {
            val run = filtered ?: filtered(assignment).also { filtered = it }
            run.context.assignment = assignment
            run.context.missing.clear()
            ShardEnd(results(run), emptyMap())
        } catch (e: PartsMissing) {
            ShardEnd(null, e.parts)
        }
    }

    /**
     * Computes [part], which was missing in the last step, and stores it in the journal. Several threads may call this at
     * once, unless functions of the script forbid it.
     *
     * @return whether there was such a part
     */
    public fun compute(part: String): Boolean {
        val compute = filtered?.context?.missing?.get(part) ?: return false
        compute()
        return true
    }

    /** Closes the dictionaries of this run. */
    override fun close(): Unit = dictionaries.close()

    private fun results(run: Filtered): Results {
        val context = run.context
        val (first, later) = Stage.entries.partition { it.first }
        val names = PartsMissing.gathered(first.map { { names(it, context) } }).merged() +
            later.map { names(it, context) }.merged()
        val results = spec.analyses.flatMap { names.getValue(it.name) }.map { context.results.getValue(it) }
        val inferred = spec.inference?.let { acrossResults(results, it) } ?: results
        val error = PrecisionErrors(backend, inputs).of(context.spec.contrasts)
        return Results(results = inferred, filters = run.filters, missingBlanks = run.blanks, bfloat16 = error)
    }

    /** Runs [stage], if it has not ended; returns the names of the results of each of its analyses. */
    private fun names(
        stage: Stage,
        context: RunContext,
    ): Map<String, List<String>> =
        ended.getOrPut(stage) {
            stages.getOrPut(stage) { StageRun(stage, context) }.run().also { stages -= stage }
        }

    private fun filtered(assignment: Assignment): Filtered {
        val logits = AnswerLogits(backend, inputs, Setting.of(backend, spec)::promptRows)
        val isShared = assignment != Assignment.All
        val filters =
            kept(FILTERS, FILTERED, isShared) { Filters(logits, spec.model.outputs, progress).apply(spec.contrasts) }
        val kept = spec.kept(filters)
        val blanks = kept(BLANKS, MISSING, isShared) { MissingBlanks(logits).of(kept.contrasts) }
        val noise = Noise(spec, EmbeddingDeviation(backend, inputs))
        val context =
            RunContext(kept, spec, experiment, backend, inputs, noise, progress, journal, given, arrays, assignment)
        return Filtered(filters, blanks, context)
    }

    /** Returns the journal's value of [part], or that of [compute]; shards keep it, so that all have the same examples. */
    private fun <T : Any> kept(
        part: String,
        form: KSerializer<T>,
        isShared: Boolean,
        compute: () -> T,
    ): T =
        journal.readJson(part, form) ?: compute().also { if (isShared) journal.writeJson(part, form, it) }

    private companion object {
        const val BLANKS = "blanks"
        val MISSING = ListSerializer(MissingBlank.serializer())
        const val FILTERS = "filters"
        val FILTERED = ListSerializer(FilterResult.serializer())

        fun List<Map<String, List<String>>>.merged(): Map<String, List<String>> =
            fold(emptyMap()) { found, names -> found + names }
    }
}

/** Passes on to the progress of the current step. */
private class ProgressOfStep : AnalysisProgress {
    lateinit var to: AnalysisProgress

    override fun begin(
        name: String,
        cells: Int,
    ): Unit = to.begin(name, cells)

    override fun beginArrays(
        name: String,
        megabytes: Int,
    ): Unit = to.beginArrays(name, megabytes)

    override fun done(done: Int): Unit = to.done(done)

    override fun end(): Unit = to.end()
}
