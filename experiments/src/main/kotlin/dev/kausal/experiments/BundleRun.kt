package dev.kausal.experiments

import dev.kausal.bundle.BundleFiles
import dev.kausal.bundle.BundleWriter
import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.dsl.declare.ExperimentDeclaration
import dev.kausal.engine.exec.BatchedExecutor
import dev.kausal.engine.exec.Executor
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.model.ModelSource
import dev.kausal.engine.source.SourceContext
import dev.kausal.engine.tensor.Torch
import dev.kausal.experiments.bundle.RunJournal
import dev.kausal.experiments.cluster.ClusterExecution
import dev.kausal.experiments.script.ScriptSource
import dev.kausal.reports.page.ReportPage
import dev.kausal.run.ExperimentRunner
import dev.kausal.spec.ExperimentSpec
import java.io.File
import java.nio.file.Path

/** A run of a script in this process, which writes a bundle. */
internal class BundleRun(
    private val script: EvaluatedScript,
    private val options: RunOptions,
    private val progress: RunProgress,
    private val models: Models = Models.OfEachRun,
) {
    /** Runs the experiment on the model that it names and writes its bundle, completely or not at all. Returns its folder. */
    fun run(): Path =
        opened(script, options, { line -> progress.note(line) }) { source, declaration, ref ->
            on(source, declaration, ref)
        }

    /** Does the same on a model whose files are open. */
    fun on(source: ModelSource, declaration: ExperimentDeclaration, ref: String): Path {
        (options.threads ?: options.cluster?.master?.cores)?.let(Torch::threads)
        val bound = options.precision.applied(bind(declaration, ref, source))
        val placed =
            models.budget(source, options).plan(bound, source, Torch.threads(), precision = options.precision.products)
        RunSpace.of(placed.plan, options.out).check()
        placed.plan.announcement?.let(progress::note)
        options.precision.text(placed.besideBytes)?.let(progress::note)
        return options.writer(bound.spec.name).use { writer ->
            writer.removed.forEach { progress.note("removed $it, which a run that was killed had left") }
            written(source, bound.onWeights(source.sha256()), placed, ref, writer)
        }
    }

    private fun written(
        source: ModelSource,
        bound: BoundExperiment,
        placed: MemoryBudget.PlacedPlan,
        ref: String,
        writer: BundleWriter,
    ): Path {
        val beyond = placed.beyondWeights
        val executor = if (options.exact) PlainExecutor() else BatchedExecutor(beyond)
        val record = RunRecorder(options, placed)
        val execution = Execution(source, bound, executor, beyond, placed, record, progress, models)
        if (!models.journaled) return execution.written(script.source, execution.results(writer.arrays), writer)
        val journal = journal(bound, executor, placed)
        val results =
            if (options.cluster == null) {
                execution.results(writer.arrays, journal)
            } else {
                ClusterExecution(execution, placed, script, ref, options, progress).results(writer.arrays, journal)
            }
        if (journal.found > 0) progress.note("resumed: found ${journal.found} parts of an interrupted run")
        return execution.written(script.source, results, writer).also { journal.discard() }
    }

    /** Returns the journal. A run is resumed if everything that affects its numbers is the same. */
    private fun journal(bound: BoundExperiment, executor: Executor, placed: MemoryBudget.PlacedPlan): RunJournal {
        val spec = BundleFiles.sha256(ExperimentSpec.serializer(), bound.spec)
        val setting = "${executor.name()} ${placed.beyondWeights} ${placed.placement.streamed()} " +
            "${placed.precision} ${Torch.threads()} ${placed.device.name()} ${Torch.version()} ${KausalVersion.text}"
        val identity = listOf(spec, script.source.text, setting, OwnJars.surroundingsOf(ownJars))
        return RunJournal.of(SourceContext.ofProcess(true) {}.cacheDir(), identity, progress::note)
    }

    private companion object {
        /** Kausal's own jars, whatever class path they were loaded from. */
        val ownJars: String by lazy {
            listOf(
                HookedModel::class.java,
                ExperimentSpec::class.java,
                ExperimentDeclaration::class.java,
                ExperimentRunner::class.java,
                ReportPage::class.java,
                ScriptSource::class.java,
            ).joinToString(File.pathSeparator) { "${Path.of(it.protectionDomain.codeSource.location.toURI())}" }
        }
    }
}

/** Reserves the place of the bundle of a run called [experiment]. */
internal fun RunOptions.writer(experiment: String): BundleWriter =
    if (out != null && replaces(out)) BundleWriter.over(out) else BundleWriter.open(out, experiment)
