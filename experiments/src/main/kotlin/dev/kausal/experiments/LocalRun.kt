package dev.kausal.experiments

import dev.kausal.bundle.BundleWriter
import dev.kausal.dsl.declare.ExperimentDeclaration
import dev.kausal.engine.exec.BatchedExecutor
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.engine.model.ModelSource
import dev.kausal.engine.tensor.Torch
import dev.kausal.experiments.watch.KeptModel
import java.nio.file.Path

/** One run of a watched script: with the open model of earlier runs, whose answers stand in for a journal. */
internal class LocalRun(
    private val script: EvaluatedScript,
    private val options: RunOptions,
    private val progress: RunProgress,
    private val kept: KeptModel,
) {
    /** Runs the experiment and writes its bundle, completely or not at all. Returns the bundle's folder. */
    fun on(source: ModelSource, declaration: ExperimentDeclaration, ref: String): Path {
        options.threads?.let(Torch::threads)
        val bound = options.precision.applied(bind(declaration, ref, source))
        val placed = kept.budget.plan(bound, source, Torch.threads(), precision = options.precision.products)
        val plan = placed.plan
        RunSpace.of(plan, options.out).check()
        plan.announcement?.let(progress::note)
        options.precision.text(placed.besideBytes)?.let(progress::note)
        return options.writer(bound.spec.name).use { writer ->
            writer.removed.forEach { progress.note("removed $it, which a run that was killed had left") }
            val beyond = placed.beyondWeights
            val record = RunRecorder(options, placed)
            val running = bound.onWeights(source.sha256())
            val executor = if (options.exact) PlainExecutor() else BatchedExecutor(beyond)
            val execution = Execution(source, running, executor, beyond, placed, record, progress, kept = kept)
            val results = execution.results(writer.arrays)
            execution.written(script.source, results, writer)
        }
    }
}

/** Reserves the place of the bundle of a run called [experiment]. */
internal fun RunOptions.writer(experiment: String): BundleWriter =
    if (out != null && replaces(out)) BundleWriter.over(out) else BundleWriter.open(out, experiment)
