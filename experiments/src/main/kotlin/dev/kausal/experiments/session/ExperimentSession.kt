package dev.kausal.experiments.session

import dev.kausal.bundle.Bundle
import dev.kausal.dsl.declare.ExperimentDeclaration
import dev.kausal.dsl.mistakes.ScriptMistakes
import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.family.Placement
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.model.ModelSource
import dev.kausal.engine.plan.Sizes
import dev.kausal.engine.source.Devices
import dev.kausal.engine.source.ModelSources
import dev.kausal.engine.source.SourceContext
import dev.kausal.engine.tensor.Device
import dev.kausal.engine.tensor.OpenMp
import dev.kausal.engine.tensor.Torch
import dev.kausal.experiments.BundleRun
import dev.kausal.experiments.EvaluatedScript
import dev.kausal.experiments.KeptModels
import dev.kausal.experiments.MemoryPlace
import dev.kausal.experiments.RunOptions
import dev.kausal.experiments.RunPrecision
import dev.kausal.experiments.RunProgress
import dev.kausal.experiments.script.ScriptSource
import dev.kausal.experiments.script.ShownMistakes
import dev.kausal.run.context.ScriptCodeException
import java.nio.file.Path

/**
 * Runs experiments in this process, as the command line does, and keeps their models open in between. For programs and
 * notebooks, whose code is compiled already. Used by one thread at a time.
 *
 * A model is closed with the session, or if another one needs its memory.
 */
public class ExperimentSession
    @JvmOverloads
    constructor(
        private val options: SessionOptions = SessionOptions(),
    ) : AutoCloseable {
        init {
            OpenMp.observe()
        }

        private val models = KeptModels()
        private val device = Device.of(options.device)

        /**
         * Runs [experiment] and writes its bundle, completely or not at all.
         *
         * @param out the bundle's folder, new or empty; null for a new one in `runs/`
         * @throws ScriptMistakes with all mistakes of the experiment
         * @throws KausalException for anything else that its user or the machine can change
         */
        @JvmOverloads
        public fun run(
            experiment: ExperimentDeclaration,
            out: Path? = null,
            progress: RunProgress = NoProgress,
        ): FinishedRun {
            val script = EvaluatedScript(sourceOf(experiment), experiment)
            val asked = RunOptions(
                out = out,
                threads = options.threads,
                memoryBytes = options.memoryBytes,
                device = device,
                precision = options.precision,
            )
            val folder = BundleRun(script, asked, progress, models).run()
            return FinishedRun(folder, Bundle.read(folder))
        }

        /**
         * Calls [use] with the model that [ref] names, and with a source that describes it; both stay the session's.
         *
         * @param ref as in `model<...>(ref)`
         */
        @JvmOverloads
        public fun <T> withModel(
            ref: String,
            progress: RunProgress = NoProgress,
            use: (HookedModel) -> T,
        ): T {
            val context = SourceContext.ofProcess(false) { progress.note(it) }
            Devices.ready(device, context)
            options.threads?.let(Torch::threads)
            return ModelSource.open(ModelSources.resolve(ref, context).path(), device).use { source ->
                models.makeRoom(source, RunOptions(device = device, precision = options.precision))
                val sizes = sizes(source)
                use(models.opened(source, sizes) { it.load(sizes.placement(), sizes.precision()) })
            }
        }

        /** Number of models that were opened so far. */
        public val opened: Int get() = models.opened

        private fun sizes(source: ModelSource): Sizes {
            val precision = options.precision.products
            val whole = Sizes(source.config(), Placement.RESIDENT, precision)
            val free = MemoryPlace.of(device).beside(models.heldBytes(source)).free()
            return if (whole.weightBytes() <= free / 2) {
                whole
            } else {
                Sizes(source.config(), Placement.streaming(0), precision)
            }
        }

        override fun close(): Unit = models.close()

        public companion object {
            /**
             * Returns the message of [error] for the author of [experiment]: each mistake with its place, its line and a mark
             * under the error, if the experiment's text is known.
             */
            public fun message(
                error: KausalException,
                experiment: ExperimentDeclaration,
            ): String {
                val source = sourceOf(experiment)
                return when {
                    source.text.isEmpty() -> error.message.orEmpty()
                    error is ScriptMistakes -> ShownMistakes.of(source, error)
                    error is ScriptCodeException -> ShownMistakes.of(source, error)
                    else -> error.message.orEmpty()
                }
            }

            private fun sourceOf(experiment: ExperimentDeclaration): ScriptSource =
                experiment.context.let { ScriptSource(it.scriptName, it.folder, it.text.orEmpty()) }
        }
    }

/**
 * How a session computes.
 *
 * @property threads number of threads; null for the engine's default
 * @property memoryBytes memory limit of a run, weights included; null for none
 * @property device where models compute: `cpu`, or a GPU such as `cuda:0`
 * @property precision precision of products with weights
 */
public class SessionOptions
    @JvmOverloads
    constructor(
        public val threads: Int? = null,
        public val memoryBytes: Long? = null,
        public val device: String = "cpu",
        public val precision: RunPrecision = RunPrecision.Float32,
    )

/** Shows nothing. */
internal object NoProgress : RunProgress {
    override fun note(line: String): Unit = Unit

    override fun begin(stage: String, total: Long?, unit: String): Unit = Unit

    override fun advance(count: Long): Unit = Unit

    override fun end(note: String): Unit = Unit
}
