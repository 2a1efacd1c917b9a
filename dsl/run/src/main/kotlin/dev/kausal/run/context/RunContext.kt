package dev.kausal.run.context

import dev.kausal.bundle.ArrayFolder
import dev.kausal.run.backend.Backend
import dev.kausal.run.inference.Choices
import dev.kausal.run.inference.Inference
import dev.kausal.run.inference.Rankings
import dev.kausal.run.inputs.EngineInputs
import dev.kausal.run.inputs.Noise
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.MOST_IN_JSON
import dev.kausal.spec.Numbers
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import dev.kausal.spec.RunSpec
import java.util.concurrent.ConcurrentHashMap

/**
 * Shared state of the analyses of one run.
 *
 * @property spec the experiment, with sets as filtered
 * @property declared the experiment before its filters
 * @property experiment the experiment with the script's functions and images
 * @property given results that are taken as they are, by analysis
 * @property arrays where the numbers of large results go
 * @property assignment which parts this process computes, in this step of the run
 */
internal class RunContext(
    val spec: ExperimentSpec,
    val declared: ExperimentSpec,
    val experiment: RunnableExperiment,
    val backend: Backend,
    val inputs: EngineInputs,
    val noise: Noise,
    val progress: AnalysisProgress,
    val journal: Journal,
    val given: Map<String, List<Result>> = emptyMap(),
    val arrays: ArrayFolder,
    var assignment: Assignment = Assignment.All,
) {
    /** Results so far, by name. */
    val results: MutableMap<String, Result> = LinkedHashMap()

    /** What computes each missing part and stores it, by name, if this process is to compute parts by name. */
    val missing: MutableMap<String, () -> Unit> = ConcurrentHashMap()

    /** Plans of the sweeps of stages that lack parts, by title, which a later step of the run takes up. */
    val plans: MutableMap<String, SweepsPlan> = HashMap()

    /** Null if the script disabled inference. */
    val inference: Inference? = spec.inference?.let { Inference(it, spec.seed) }

    /** Effects of [results]. */
    val rankings: Rankings = Rankings(spec, results)

    /** Inputs that determine the sizes of results. */
    val setting: Setting =
        Setting.of(backend, spec)

    /** Choices of heads and layers, resolved from [results]. */
    val choices: Choices = Choices(spec, rankings)

    private val sets = spec.contrasts.associate { it.name to it.contrasts }

    /** Returns the examples that [analysis] runs on. */
    fun contrasts(analysis: AnalysisSpec): List<ContrastSpec> = sets.getValue(analysis.contrasts)

    /** Applies [read] to each example of [analysis], each being one step of its progress. */
    fun <T> perExample(
        analysis: AnalysisSpec,
        read: (ContrastSpec) -> T,
    ): List<T> {
        val contrasts = contrasts(analysis)
        progress.begin(analysis.name, contrasts.size)
        return contrasts
            .mapIndexed { index, contrast -> read(contrast).also { progress.done(index + 1) } }
            .also { progress.end() }
    }

    /**
     * Returns the numbers of each example of [analysis]. The journal keeps those of examples that are read apart, which
     * shards divide.
     *
     * @throws PartsMissing if examples of other shards are missing
     */
    fun numbersPerExample(
        analysis: AnalysisSpec,
        read: (Int, ContrastSpec) -> Numbers,
    ): List<Numbers> {
        if (journal == Journal.None || !analysis.examplesApart) {
            var index = 0
            return perExample(analysis) { read(index++, it) }
        }
        val contrasts = contrasts(analysis)
        progress.begin(analysis.name, contrasts.size)
        val parts = ReadingParts(analysis.name, this)
        val rows = parts.of(contrasts) { index, contrast -> read(index, contrast).also { progress.done(index + 1) } }
        progress.end()
        return rows
    }

    /**
     * Returns the content of [part], number [index] of [group], which the journal lacks, by [compute], which stores it too.
     *
     * @throws PartsMissing if another process computes it
     */
    fun <T> assigned(
        part: String,
        group: String,
        index: Int,
        compute: () -> T,
    ): T {
        val other = assignment.other(part, group, index) ?: return compute()
        if (assignment == Assignment.ByName) missing[part] = { compute() }
        throw PartsMissing(mapOf(part to other))
    }

    /**
     * Returns the journal's results under [part], or computes them with [read] and stores them.
     *
     * @param whole whether one shard computes them alone, because [read] does not divide them
     */
    fun journaled(
        part: String,
        whole: Boolean,
        read: () -> List<Result>,
    ): List<Result> {
        journal.readJson(part, Results.serializer())?.let { return it.results }
        val compute = {
            val results = read()
            // Larger results take longer to write than to recompute, but what a shard computes is for others.
            if (assignment != Assignment.All || results.sumOf { it.numbers } <= MOST_IN_JSON) {
                journal.writeJson(part, Results.serializer(), Results(results = results))
            }
            results
        }
        return if (whole) assigned(part, part, 0, compute) else compute()
    }
}

/** Returns the prompt that an analysis of [run] reads. */
internal fun ContrastSpec.promptOf(run: RunSpec) =
    when (run) {
        RunSpec.Clean -> clean
        RunSpec.Corrupted -> checkNotNull(corrupted)
        is RunSpec.Noised, is RunSpec.Edited -> error("only sweeps and captures read such runs")
    }
