package dev.kausal.experiments.cluster

import dev.kausal.bundle.ArrayFolder
import dev.kausal.bundle.BundleFiles
import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.dsl.declare.ExperimentDeclaration
import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.exec.BatchedExecutor
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.model.ModelSource
import dev.kausal.engine.source.ModelSources
import dev.kausal.engine.source.SourceContext
import dev.kausal.engine.tensor.Torch
import dev.kausal.experiments.CacheFolder
import dev.kausal.experiments.EngineWorkbench
import dev.kausal.experiments.KausalVersion
import dev.kausal.experiments.Processor
import dev.kausal.experiments.RunPrecision
import dev.kausal.experiments.facts
import dev.kausal.experiments.images
import dev.kausal.experiments.runnable
import dev.kausal.experiments.script.CompiledScripts
import dev.kausal.experiments.script.ScriptHost
import dev.kausal.experiments.script.ScriptSource
import dev.kausal.run.ExperimentRunner
import dev.kausal.run.backend.LocalBackend
import dev.kausal.run.context.AnalysisProgress
import dev.kausal.run.context.Assignment
import java.nio.file.Files
import java.nio.file.Path
import java.util.function.Consumer
import kotlin.io.path.exists
import kotlin.io.path.writeBytes

/** Computes parts of runs in a process of a cluster. Workers, with their models, stay open for later tasks. */
public object PartWorkers {
    private val idle = HashMap<String, ArrayDeque<PartWorker>>()

    /**
     * Computes parts of a run.
     *
     * @param run [ClusterWork.run]
     * @param known [ClusterWork.known]
     * @param parts names of parts
     * @param host name of this machine, for messages
     * @param deliver receives each part as soon as it is computed
     * @throws KausalException if this machine cannot compute this run; the message names it
     */
    @JvmStatic
    public fun compute(
        run: ByteArray,
        known: Map<String, ByteArray>,
        parts: List<String>,
        host: String,
        deliver: Consumer<ComputedPart>,
    ) {
        val key = BundleFiles.sha256(run)
        // Functions of a script may keep state, so each task at a time has a worker of its own.
        val worker = synchronized(idle) { idle[key]?.removeLastOrNull() } ?: PartWorker.open(ClusterRun.read(run), host)
        try {
            worker.compute(known, parts.toSet(), deliver)
        } catch (e: HostRefusedException) {
            throw e
        } catch (e: KausalException) {
            throw HostRefusedException.failed(host, e)
        } finally {
            synchronized(idle) { idle.getOrPut(key) { ArrayDeque() }.add(worker) }
        }
    }
}

/** A run, bound to the model of this process. */
private class PartWorker(
    private val run: ClusterRun,
    private val bound: BoundExperiment,
    private val file: Path,
    private val host: String,
) {
    fun compute(known: Map<String, ByteArray>, parts: Set<String>, deliver: Consumer<ComputedPart>) {
        Torch.threads(run.threads)
        var begun = System.nanoTime()
        val journal = TaskJournal(known, parts) { name, bytes ->
            val now = System.nanoTime()
            deliver.accept(ComputedPart(name, bytes, host, Processor.name, (now - begun) / NANOS))
            begun = now
        }
        val plain = run.executor == PlainExecutor().name()
        val executor = if (plain) PlainExecutor() else BatchedExecutor(run.memory)
        val backend = LocalBackend(opened(run.model), executor, run.memory, run.counterpart?.let { { opened(it) } })
        ArrayFolder.temporary().use { arrays ->
            val assignment = Assignment.Named(parts)
            ExperimentRunner(bound.runnable(), backend, journal, arrays = arrays, assignment = assignment).shard(Silent)
        }
        if (journal.left.isNotEmpty()) throw HostRefusedException.notComputed(host, journal.left)
    }

    /** Returns a model of this process, which may be the driver's as long as that runs. */
    private fun opened(held: ClusterRun.HeldWeights): HookedModel =
        OpenModels.get(checkNotNull(run.spec.model.sha256), held.placement, held.precision) {
            ModelSource.open(file).use { it.load(held.placement, held.precision) }
        }

    private object Silent : AnalysisProgress {
        override fun begin(name: String, cells: Int): Unit = Unit

        override fun done(done: Int): Unit = Unit

        override fun end(): Unit = Unit
    }

    companion object {
        private const val NANOS = 1e9

        /** Finds the weights on this machine and binds [run] to them. */
        fun open(run: ClusterRun, host: String): PartWorker {
            if (run.kausal != KausalVersion.text) {
                throw HostRefusedException.version(host, KausalVersion.text, run.kausal)
            }
            // Before the model, whose opening sets up PyTorch.
            Torch.threads(run.threads)
            val file = file(run, host)
            return ModelSource.open(file).use { source ->
                val sha256 = source.sha256()
                val wanted = run.spec.model.sha256
                if (sha256 != wanted) throw HostRefusedException.weights(host, "$file", sha256, "$wanted")
                PartWorker(run, bound(run, source), file, host)
            }
        }

        /** Returns the model's place: the sender's if this machine has the same disk, else its own. */
        private fun file(run: ClusterRun, host: String): Path {
            val same = Path.of(run.file)
            if (same.exists()) return same
            return try {
                ModelSources.resolve(run.ref, SourceContext.ofProcess(false) {}).path()
            } catch (e: KausalException) {
                throw HostRefusedException.noWeights(host, run.ref, run.file, e)
            }
        }

        private fun bound(run: ClusterRun, source: ModelSource): BoundExperiment {
            val functions = run.script?.let { functions(it, run, source) }
            val images = images(run.ref, source)?.let { reader ->
                val folder = Files.createTempDirectory("kausal-pictures-")
                val hashes = run.spec.contrasts.flatMap { set ->
                    set.contrasts.flatMap { listOfNotNull(it.clean.image, it.corrupted?.image) }
                }.associate { it.picture to it.sha256 }
                run.pictures.entries.withIndex().associate { (index, picture) ->
                    val file = folder.resolve("$index.png").apply { writeBytes(ClusterRun.decoded(picture.value)) }
                    picture.key to reader.again(file, hashes.getValue(picture.key))
                }.also { folder.toFile().deleteRecursively() }
            }
            return BoundExperiment(
                run.spec,
                functions?.activations.orEmpty(),
                functions?.metrics.orEmpty(),
                images.orEmpty(),
                functions?.watchers.orEmpty(),
                run.dictionaries.map(Path::of),
            )
        }

        /** Evaluates the script for its functions; its inputs are those of the run. */
        private fun functions(sent: ClusterRun.SentScript, run: ClusterRun, source: ModelSource): BoundExperiment {
            val cache = CacheFolder.of(System.getenv()).resolve("scripts")
            sent.jar?.let { CompiledScripts(cache).add(sent.name, sent.text, ClusterRun.decoded(it)) }
            val script = ScriptSource(sent.name, Path.of("").toAbsolutePath(), sent.text)
            val workbench = EngineWorkbench()
            val declaration = ScriptHost(cache).evaluate(
                script,
                around = { body -> workbench.evaluating(script, sent.parameters, body) },
                accepts = workbench::isExperiment,
            ) as ExperimentDeclaration
            val bound = declaration.bind(facts(run.ref, source), run.spec.contrasts, run.spec.subjects)
            return RunPrecision.entries.single { it.word == run.precision }.applied(bound)
        }
    }
}
