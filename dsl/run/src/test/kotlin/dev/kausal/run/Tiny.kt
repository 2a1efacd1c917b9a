package dev.kausal.run

import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.engine.config.Input
import dev.kausal.engine.exec.BatchedExecutor
import dev.kausal.engine.exec.Executor
import dev.kausal.engine.hooks.Hooks
import dev.kausal.engine.model.HookedModel
import dev.kausal.run.backend.LocalBackend
import dev.kausal.run.context.AnalysisProgress
import dev.kausal.run.context.Journal
import dev.kausal.run.context.RunnableExperiment
import dev.kausal.run.context.WatchFunctions
import dev.kausal.spec.Results

fun BoundExperiment.run(
    model: HookedModel,
    executor: Executor = BatchedExecutor(1L shl 28),
    journal: Journal = Journal.None,
): Results = ExperimentRunner(runnable(), LocalBackend(model, executor), journal).run(Silence)

/** As the command line runs it. */
fun BoundExperiment.runnable(): RunnableExperiment =
    RunnableExperiment(
        spec,
        activations,
        metrics,
        inputs(),
        watchers.map { WatchFunctions(it.condition, it::call) },
        dictionaries,
    )

/** What the model reads of the experiment's images. */
fun BoundExperiment.inputs(): Map<String, Input> = images.mapValues { it.value.input }

/** For passes that no hook changes or reads. */
fun HookedModel.noHooks(): Hooks = Hooks(points())

object Silence : AnalysisProgress {
    override fun begin(
        name: String,
        cells: Int,
    ) = Unit

    override fun done(done: Int) = Unit

    override fun end() = Unit
}
