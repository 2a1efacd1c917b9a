package dev.kausal.run

import ai.djl.ndarray.NDArray
import dev.kausal.dsl.ClassNames
import dev.kausal.dsl.SeenImage
import dev.kausal.dsl.Watcher
import dev.kausal.engine.exec.Executor
import dev.kausal.engine.hooks.Hooks
import dev.kausal.engine.model.HookedModel
import dev.kausal.spec.ActivationMapsSpec
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.AttentionAnalysisSpec
import dev.kausal.spec.AttentionSpec
import dev.kausal.spec.AttributionSpec
import dev.kausal.spec.BehaviourSpec
import dev.kausal.spec.CaptureSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.DebugPredictionSpec
import dev.kausal.spec.DifferenceSpec
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.HeadDifferenceSpec
import dev.kausal.spec.InteractionSpec
import dev.kausal.spec.JointAblationSpec
import dev.kausal.spec.LogitLensSpec
import dev.kausal.spec.MapAgreementSpec
import dev.kausal.spec.RankCorrelationSpec
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import dev.kausal.spec.RunSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.WatchSpec
import dev.kausal.spec.kept
import kotlinx.serialization.json.Json

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
 * @property journal holds what an interrupted run of the same experiment has finished
 * @property watchers the script's watching hooks, by [WatchSpec.index]
 */
public class ExperimentRunner(
    private val spec: ExperimentSpec,
    private val activations: List<(NDArray) -> NDArray>,
    private val metrics: List<(NDArray) -> Double>,
    private val model: HookedModel,
    private val executor: Executor,
    images: Map<String, SeenImage> = emptyMap(),
    private val journal: Journal = Journal.None,
    private val watchers: List<Watcher> = emptyList(),
) {
    private val inputs = EngineInputs(images)
    private val noise = Noise(spec, EmbeddingDeviation(model, inputs))

    /**
     * Runs the filters, then every analysis on what they keep. All sweeps are one plan, so that they share the runs that they
     * start from; what builds on them, joint ablations and controls, is a second one. Results come in the script's order.
     */
    public fun run(progress: AnalysisProgress): Results {
        val filters = Filters(model, inputs, progress).apply(spec.contrasts)
        val results = Stages(spec.kept(filters), progress).results()
        return Results(results = spec.inference?.let { acrossResults(results, it) } ?: results, filters = filters)
    }

    /** The analyses of a run whose filters have been applied. */
    private inner class Stages(
        private val kept: ExperimentSpec,
        private val progress: AnalysisProgress,
    ) {
        private val sets = kept.contrasts.associate { it.name to it.contrasts }
        private val inference = kept.inference?.let { Inference(it, kept.seed) }
        private val found = LinkedHashMap<String, Result>()
        private val read = LinkedHashMap<String, List<Result>>()
        private val rankings = Rankings(kept, found)

        fun results(): List<Result> {
            sweep()
            kept.analyses.forEach { analysis -> read[analysis.name] = kept(analysis) }
            read.values.flatten().forEach { found[it.name] = it }
            kept.analyses.filterIsInstance<MapAgreementSpec>().forEach { found[it.name] = mapAgreement(it, found) }
            kept.analyses.filterIsInstance<DifferenceSpec>().forEach {
                found[it.name] = difference(it, rankings, inference)
            }
            joint()
            kept.analyses.filterIsInstance<RankCorrelationSpec>().forEach {
                found[it.name] = rankCorrelation(it, rankings, kept.inference, kept.seed)
            }
            return kept.analyses.flatMap { its ->
                read.getValue(its.name).ifEmpty { listOf(found.getValue(its.name)) }
            }
        }

        private val sweeps = Sweeps(model, executor, inputs, activations, metrics, progress, journal, noise)

        private val floors = NoiseFloors(model, executor, progress, journal)

        private fun sweep() {
            val own = kept.analyses.filterIsInstance<SweepSpec>().map { Sweeps.Asked(it, sets.getValue(it.contrasts)) }
            val behaviours = kept.analyses.filterIsInstance<BehaviourSpec>()
            val swept = sweeps.run(own + behaviours.map { asked(it, sets.getValue(it.contrasts)) })
            floors.measure(swept, "sweeps")
            own.zip(swept) { asked, its -> found[asked.sweep.name] = its.result(inference) }
            behaviours.zip(swept.drop(own.size)) { spec, its ->
                found[spec.name] = behaviour(spec, sets.getValue(spec.contrasts), its, inference)
            }
        }

        /** The readings of an analysis, from the journal if they are there; none where it is no reading. */
        private fun kept(analysis: AnalysisSpec): List<Result> {
            // What a script's function heard is not in the journal: it has to hear it again.
            if (analysis is WatchSpec) return readings(analysis)
            val part = "reading-${analysis.name}"
            journal.read(part)?.let { return Json.decodeFromString(Results.serializer(), it.decodeToString()).results }
            val results = readings(analysis)
            // What is larger takes longer to write than to compute again.
            if (results.isNotEmpty() &&
                results.sumOf { it.perExample.size.toLong() * it.mean.size } <= MOST_JOURNALED
            ) {
                val text = Json.encodeToString(Results.serializer(), Results(results = results))
                journal.write(part, text.encodeToByteArray())
            }
            return results
        }

        private fun readings(analysis: AnalysisSpec): List<Result> {
            val set = sets.getValue(analysis.contrasts)
            return when (analysis) {
                is AttentionAnalysisSpec -> {
                    LookReading(model, inputs, set, progress).results(analysis)
                }

                is DebugPredictionSpec -> {
                    DebugReading(model, inputs, executor, analysis, progress).results(set, classes())
                }

                is ActivationMapsSpec -> {
                    listOf(activationMaps(analysis, set, model, inputs, progress))
                }

                is WatchSpec -> {
                    listOf(watched(analysis, set))
                }

                else -> {
                    listOfNotNull(reading(analysis))
                }
            }
        }

        private fun watched(
            spec: WatchSpec,
            set: List<ContrastSpec>,
        ): Result {
            progress.begin(spec.name, set.size)
            return WatchReading(model, inputs, spec, watchers[spec.index])
                .result(set, progress::done)
                .also { progress.end() }
        }

        private fun classes(): List<String> =
            ClassNames(kept.model.classes).shown.ifEmpty { List(model.config().outputs()) { "$it" } }

        private fun reading(analysis: AnalysisSpec): Result? {
            val contrasts = sets.getValue(analysis.contrasts)
            val readings = Readings(model, contrasts, inputs, progress, noise)
            return when (analysis) {
                is AttentionAnalysisSpec, is DebugPredictionSpec, is ActivationMapsSpec, is WatchSpec -> {
                    error("these have a reading of their own")
                }

                is AttributionSpec -> {
                    readings.attribution(analysis).let { inference?.of(it, contrasts) ?: it }
                }

                is AttentionSpec -> {
                    readings.attention(analysis)
                }

                is LogitLensSpec -> {
                    readings.logitLens(analysis)
                }

                is CaptureSpec -> {
                    readings.capture(analysis)
                }

                is HeadDifferenceSpec -> {
                    headDifference(analysis, contrasts, model, inference, progress)
                }

                is MapAgreementSpec, is SweepSpec, is BehaviourSpec, is RankCorrelationSpec, is DifferenceSpec,
                is JointAblationSpec, is InteractionSpec,
                -> {
                    null
                }
            }
        }

        private fun joint() {
            val joint = dependent()
            val dependent = joint.flatMap { it.asked }
            val controls = Controls(model.config().layers(), rankings, kept.seed)
            val planned = if (kept.inference?.controls == true) controlled(controls) else emptyList()
            val parts = planned.flatMap { it.parts }
            val title =
                listOfNotNull("joint ablations".takeIf { joint.isNotEmpty() }, "controls".takeIf { parts.isNotEmpty() })
            val swept = sweeps.run(dependent + parts.map { it.asked }, title.joinToString(" and "))
            floors.measure(swept.take(dependent.size), "joint ablations")
            found += dependentResults(joint, swept, inference)
            var before = dependent.size
            planned.groupBy({ it.sweep.name }) { its ->
                val own = swept.subList(before, before + its.parts.size)
                before += own.size
                controls.result(its, own, inference)
            }.forEach { (name, its) -> found[name] = found.getValue(name).copy(controls = its) }
        }

        private fun dependent(): List<DependentAnalysis> {
            val ablations = JointAblations(kept, rankings)
            val interactions = Interactions(kept, rankings)
            return kept.analyses.mapNotNull { its ->
                val set = sets.getValue(its.contrasts)
                when (its) {
                    is JointAblationSpec -> ablations.planned(its, set)
                    is InteractionSpec -> interactions.planned(its, set)
                    else -> null
                }
            }
        }

        private fun controlled(controls: Controls): List<Controls.Planned> =
            kept.analyses.filterIsInstance<SweepSpec>().flatMap { controls.planned(it, sets.getValue(it.contrasts)) }
    }
}

private const val MOST_JOURNALED = 1_000_000L

/** The prompt that an analysis of [run] reads. */
internal fun ContrastSpec.promptOf(run: RunSpec) =
    when (run) {
        RunSpec.Clean -> clean
        RunSpec.Corrupted -> checkNotNull(corrupted)
        is RunSpec.Noised -> error("only sweeps and captures read noised runs")
    }

internal fun HookedModel.noHooks() = Hooks(points())
