package dev.kausal.compile

import ai.djl.ndarray.NDArray
import dev.kausal.dsl.SeenImage
import dev.kausal.engine.exec.Executor
import dev.kausal.engine.hooks.Hooks
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.plan.SweepPlan
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.AttentionAnalysisSpec
import dev.kausal.spec.AttentionSpec
import dev.kausal.spec.AttributionSpec
import dev.kausal.spec.CaptureSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.DebugPredictionSpec
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.LogitLensSpec
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec

/** Hears how far an analysis has come. */
public interface AnalysisProgress {
    /** The analysis [name] begins; it will compute [cells] numbers or passes. */
    public fun begin(
        name: String,
        cells: Int,
    )

    /** [done] of them are there. */
    public fun done(done: Int)

    /** It is over. */
    public fun end()
}

/**
 * Compiles a spec to engine calls and runs them on one model. The spec and the script's functions are all it knows of
 * the script.
 *
 * @property activations the script's hooks, by [dev.kausal.spec.ValueSpec.Lambda.index]
 * @property metrics the script's own metrics, by [dev.kausal.spec.MetricSpec.Named.index]
 * @param images the script's images, by [dev.kausal.spec.ImageSpec.picture]
 */
public class ExperimentRunner(
    private val spec: ExperimentSpec,
    private val activations: List<(NDArray) -> NDArray>,
    private val metrics: List<(NDArray) -> Double>,
    private val model: HookedModel,
    private val executor: Executor,
    images: Map<String, SeenImage> = emptyMap(),
) {
    private val inputs = EngineInputs(images)
    private val sets = spec.contrasts.associate { it.name to it.contrasts }

    /**
     * Runs every analysis. All sweeps are one plan, so that they share the runs that they start from; results come in the
     * script's order.
     */
    public fun run(progress: AnalysisProgress): Results {
        val swept = sweeps(progress)
        return Results(results = spec.analyses.flatMap { swept[it]?.let(::listOf) ?: readings(it, progress) })
    }

    private fun readings(
        analysis: AnalysisSpec,
        progress: AnalysisProgress,
    ): List<Result> {
        val set = sets.getValue(analysis.contrasts)
        if (analysis is AttentionAnalysisSpec) {
            return LookReading(model, inputs, set, progress).results(analysis)
        }
        if (analysis is DebugPredictionSpec) {
            return DebugReading(model, inputs, executor, analysis, progress).results(set, classes())
        }
        return listOf(reading(analysis, Readings(model, set, inputs, progress)))
    }

    private fun classes(): List<String> =
        spec.model.classes.ifEmpty { List(model.config().outputs()) { "$it" } }

    private fun reading(
        analysis: AnalysisSpec,
        readings: Readings,
    ): Result =
        when (analysis) {
            is SweepSpec -> error("sweeps are computed together")
            is AttributionSpec -> readings.attribution(analysis)
            is AttentionSpec -> readings.attention(analysis)
            is LogitLensSpec -> readings.logitLens(analysis)
            is CaptureSpec -> readings.capture(analysis)
            is AttentionAnalysisSpec, is DebugPredictionSpec -> error("these have a reading of their own")
        }

    private fun sweeps(progress: AnalysisProgress): Map<AnalysisSpec, Result> {
        val sweeps = spec.analyses.filterIsInstance<SweepSpec>()
        if (sweeps.isEmpty()) {
            return emptyMap()
        }
        val compiled = sweeps.map { compiled(it) }
        val plan = SweepPlan.joined(compiled.map { it.plan })
        progress.begin(if (sweeps.size == 1) sweeps.single().name else "${sweeps.size} sweeps", plan.cells().size)
        val outcomes = executor.execute(model, plan) { progress.done(it) }
        progress.end()
        var before = 0
        return sweeps.zip(compiled).associate { (sweep, its) ->
            val own = outcomes.subList(before, before + its.plan.cells().size)
            before += own.size
            sweep to SweepResult(sweep, sets.getValue(sweep.contrasts), its, own).result()
        }
    }

    private fun compiled(sweep: SweepSpec): CompiledSweep {
        val contrasts = sets.getValue(sweep.contrasts)
        val noised = sweep.cells.any { it.run is RunSpec.Noised }
        val sigma = if (noised) EmbeddingDeviation(model, inputs).of(contrasts) else Double.NaN
        return SweepCompiler(sweep, contrasts, sigma, inputs, activations, metrics).compile()
    }
}

/** The prompt that an analysis of [run] reads. */
internal fun ContrastSpec.promptOf(run: RunSpec) =
    when (run) {
        RunSpec.Clean -> clean
        RunSpec.Corrupted -> checkNotNull(corrupted)
        is RunSpec.Noised -> error("readings of noised runs are not offered by the DSL")
    }

internal fun HookedModel.noHooks() = Hooks(points())
