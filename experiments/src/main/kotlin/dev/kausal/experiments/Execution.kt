package dev.kausal.experiments

import dev.kausal.bundle.ArrayFolder
import dev.kausal.bundle.Bundle
import dev.kausal.bundle.BundleContents
import dev.kausal.bundle.BundleWriter
import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.engine.exec.Executor
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.model.ModelSource
import dev.kausal.experiments.cluster.OpenModels
import dev.kausal.experiments.script.ScriptSource
import dev.kausal.reports.page.ReportPage
import dev.kausal.reports.page.failedControls
import dev.kausal.reports.page.missingBlanks
import dev.kausal.run.ExperimentRunner
import dev.kausal.run.backend.LocalBackend
import dev.kausal.run.context.Assignment
import dev.kausal.run.context.Journal
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import java.nio.file.Path

/**
 * An experiment on a model, ready to run.
 *
 * @property memory bytes beyond the weights
 * @property placed the plan, where the weights are, and their precision
 * @property models opens the model
 */
internal class Execution(
    private val source: ModelSource,
    val bound: BoundExperiment,
    private val executor: Executor,
    val memory: Long,
    private val placed: MemoryBudget.PlacedPlan,
    val record: RunRecorder,
    private val progress: RunProgress,
    private val models: Models = Models.OfEachRun,
) {
    /** Number of consecutive rounded operations in a pass of the model. */
    val terms: Int get() = 2 * source.config().layers() * source.config().dModel()

    /** Computes all results. */
    fun results(
        arrays: ArrayFolder,
        journal: Journal = Journal.None,
        given: Map<String, List<Result>> = emptyMap(),
    ): Results = running(journal, given) { it(Assignment.All, arrays).run(AnalysisLines(record, progress)) }

    /** Loads the weights for [use], which receives the runner of any assignment and folder of arrays. */
    fun <T> running(
        journal: Journal,
        given: Map<String, List<Result>> = emptyMap(),
        use: ((Assignment, ArrayFolder) -> ExperimentRunner) -> T,
    ): T {
        return DeviceMemoryException.orAdvice(placed.device, placed.needed) {
            models.use(source, placed, ::load) { model ->
                record.executor = executor.name()
                counterpart { other ->
                    val backend = models.answering(LocalBackend(model, executor, memory, other))
                    OpenModels.lent(source.sha256(), placed.placement, placed.precision, model) {
                        use { assignment, arrays ->
                            ExperimentRunner(bound.runnable(), backend, journal, given, arrays, assignment)
                        }
                    }
                }
            }
        }
    }

    private fun load(from: ModelSource): HookedModel {
        progress.begin(if (placed.placement.streamed()) "open weights" else "load weights")
        return record.timed("load") { from.load(placed.placement, placed.precision) }.also { progress.end() }
    }

    /** Opens the model in the other precision when [use] first asks for it, and closes it afterwards; null if none is needed. */
    private fun <T> counterpart(use: ((() -> HookedModel)?) -> T): T {
        val sizes = placed.counterpart ?: return use(null)
        val model = lazy { source.again().use { it.load(sizes.placement(), sizes.precision()) } }
        try {
            return use { model.value }
        } finally {
            if (model.isInitialized()) model.value.close()
        }
    }

    /** Writes the bundle of [results] and returns its folder. */
    fun written(script: ScriptSource, results: Results, writer: BundleWriter): Path {
        failedControls(results.results)?.let(progress::note)
        missingBlanks(bound.spec, results)?.let(progress::note)
        val paths = bound.dictionaries.map { it.toAbsolutePath().normalize().toString() }
        val environment = record.environment().copy(dictionaries = paths)
        val pictures = bound.images.mapValues { it.value.picture }
        val page = ReportPage.render(Bundle(bound.spec, results, environment, script.text, pictures))
        return writer.write(
            BundleContents(bound.spec, results, environment, page, bound.spec.script, script.text, pictures),
        )
    }
}
