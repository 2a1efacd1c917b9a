package dev.kausal.run.context

import dev.kausal.bundle.ArrayFolder
import dev.kausal.engine.tensor.Torch
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
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import dev.kausal.spec.RunSpec

/**
 * Shared state of the analyses of one run.
 *
 * @property spec the experiment, with sets as filtered
 * @property declared the experiment before its filters
 * @property experiment the experiment with the script's functions and images
 * @property given results that are taken as they are, by analysis
 * @property arrays where the numbers of large results go
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
) {
    /** Results so far, by name. */
    val results: MutableMap<String, Result> = LinkedHashMap()

    /** Null if the script disabled inference. */
    val inference: Inference? = spec.inference?.let { Inference(it, spec.seed) }

    /** Effects of [results]. */
    val rankings: Rankings = Rankings(spec, results)

    /** Inputs that determine the sizes of results. */
    val setting: Setting =
        Setting(backend.config, backend.points, spec, Resources(backend.budget, Torch.threads(), backend.tuning))

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

    /** Returns the journal's results under [part], or computes them with [read] and stores them. */
    fun journaled(
        part: String,
        read: () -> List<Result>,
    ): List<Result> {
        journal.readJson(part, Results.serializer())?.let { return it.results }
        val results = read()
        // Larger results take longer to write than to recompute.
        if (results.sumOf { it.numbers } <= MOST_IN_JSON) {
            journal.writeJson(part, Results.serializer(), Results(results = results))
        }
        return results
    }
}

/** Returns the prompt that an analysis of [run] reads. */
internal fun ContrastSpec.promptOf(run: RunSpec) =
    when (run) {
        RunSpec.Clean -> clean
        RunSpec.Corrupted -> checkNotNull(corrupted)
        is RunSpec.Noised, is RunSpec.Edited -> error("only sweeps and captures read such runs")
    }
