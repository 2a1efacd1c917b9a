package dev.kausal.experiments.cluster

import dev.kausal.bundle.ArrayFolder
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
import dev.kausal.run.OpenRun
import dev.kausal.run.backend.LocalBackend
import dev.kausal.run.context.Assignment
import java.nio.file.Files
import java.nio.file.Path
import java.util.function.Consumer
import kotlin.io.path.exists
import kotlin.io.path.writeBytes

/** A run, bound to the model of this process, with what has been laid out of it. */
internal class PartWorker private constructor(
    private val run: ClusterRun,
    private val bound: BoundExperiment,
    private val file: Path,
) : AutoCloseable {
    private val journal = WorkerJournal()
    private val arrays = ArrayFolder.temporary()
    private var open: OpenRun? = null

    /** Number of tasks that use it now. */
    var users: Int = 0

    /** Whether tasks at the same time may use it: functions of a script may keep state. */
    val isShared: Boolean get() = run.script == null

    /** Computes [parts], of a run of which [known] is known; [deliver] receives each. */
    fun compute(
        known: Map<String, ByteArray>,
        parts: Set<String>,
        host: String,
        deliver: Consumer<ComputedPart>,
    ) {
        Torch.threads(run.threads)
        var begun = System.nanoTime()
        val laidOut = laidOut(known)
        for (part in parts) {
            val send = { bytes: ByteArray ->
                val now = System.nanoTime()
                deliver.accept(ComputedPart(part, bytes, host, Processor.name, (now - begun) / NANOS))
                begun = now
            }
            val isDelivered = journal.delivering(part, send) { laidOut.compute(part) }
            // A late attempt at a part that the driver has had from another machine.
            if (!isDelivered && journal.read(part) == null) throw HostRefusedException.notComputed(host, part)
        }
    }

    /** Returns the run, laid out as far as the parts that are [known] allow. */
    @Synchronized
    private fun laidOut(known: Map<String, ByteArray>): OpenRun {
        val isMore = journal.know(known)
        val before = open
        if (before != null && !isMore) return before
        return (before ?: opened().also { open = it }).also { it.advance(Silent) }
    }

    private fun opened(): OpenRun {
        val plain = run.executor == PlainExecutor().name()
        val executor = if (plain) PlainExecutor() else BatchedExecutor(run.memory)
        val backend = LocalBackend(opened(run.model), executor, run.memory, run.counterpart?.let { { opened(it) } })
        return ExperimentRunner(
            bound.runnable(),
            backend,
            journal,
            arrays = arrays,
            assignment = Assignment.ByName,
        ).open()
    }

    override fun close() {
        open?.close()
        arrays.close()
    }

    /** Returns a model of this process, which may be the driver's as long as that runs. */
    private fun opened(held: ClusterRun.HeldWeights): HookedModel =
        OpenModels.get(checkNotNull(run.spec.model.sha256), held.placement, held.precision) {
            ModelSource.open(file).use { it.load(held.placement, held.precision) }
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
                PartWorker(run, bound(run, source), file)
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
