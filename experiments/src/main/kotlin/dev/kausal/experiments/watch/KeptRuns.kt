package dev.kausal.experiments.watch

import dev.kausal.dsl.declare.ExperimentDeclaration
import dev.kausal.engine.model.ModelSource
import dev.kausal.engine.source.Devices
import dev.kausal.engine.source.ModelSources
import dev.kausal.engine.source.SourceContext
import dev.kausal.experiments.BundleRun
import dev.kausal.experiments.EvaluatedScript
import dev.kausal.experiments.RunOptions
import dev.kausal.experiments.RunProgress
import java.nio.file.Path

/** Runs that share an open model and what it has computed. The bundle of each replaces that of the one before. */
internal interface KeptRuns : AutoCloseable {
    /** Runs the experiment and writes its bundle, completely or not at all. */
    fun run(script: EvaluatedScript, options: RunOptions, progress: RunProgress): KeptRun
}

/**
 * A run that has ended.
 *
 * @property bundle the bundle's folder
 * @property cells number of cells of its sweeps, controls and noise floors
 * @property computed how many of them it computed; others were known
 */
internal class KeptRun(
    val bundle: Path,
    val cells: Int,
    val computed: Int,
)

/** Runs on the engine, one at a time. */
internal class EngineKeptRuns : KeptRuns {
    private class Open(
        val ref: String,
        val files: Path,
        val state: WatchedFiles.State,
        val model: KeptModel,
    )

    private val watched = WatchedFiles()
    private var open: Open? = null
    private var bundle: Path? = null

    override fun run(script: EvaluatedScript, options: RunOptions, progress: RunProgress): KeptRun {
        val declaration = script.declaration as ExperimentDeclaration
        val ref = options.model ?: declaration.modelRef
        val model = model(ref, options, progress).model
        val own = bundle?.let { options.copy(out = it, replace = true) } ?: options
        val written = BundleRun(script, own, progress, model).on(model.source, declaration, ref)
        bundle = written
        val counts = model.counts
        return KeptRun(written, counts.cellsFound + counts.cellsComputed, counts.cellsComputed)
    }

    private fun model(ref: String, options: RunOptions, progress: RunProgress): Open {
        open?.takeIf { it.ref == ref && isCurrent(it) }?.let { return it }
        close()
        val context = SourceContext.ofProcess(false) { progress.note(it) }
        Devices.ready(options.device, context)
        val files = ModelSources.resolve(ref, context).path()
        val source = ModelSource.open(files, options.device)
        source.warnings().forEach(progress::note)
        return Open(ref, files, watched.state(listOf(files)), KeptModel(source, options)).also { open = it }
    }

    private fun isCurrent(open: Open) = watched.state(listOf(open.files)).changedSince(open.state).isEmpty()

    override fun close() {
        open?.model?.close()
        open = null
    }
}
