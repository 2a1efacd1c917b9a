package dev.kausal.run.backend

import ai.djl.ndarray.NDArray
import dev.kausal.engine.config.Input
import dev.kausal.engine.config.ModelConfig
import dev.kausal.engine.exec.BatchedExecutor
import dev.kausal.engine.exec.Continuation
import dev.kausal.engine.exec.Executor
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.engine.features.Dictionary
import dev.kausal.engine.features.DictionaryFile
import dev.kausal.engine.hooks.HookPoint
import dev.kausal.engine.hooks.HookPoints
import dev.kausal.engine.hooks.Hooks
import dev.kausal.engine.hooks.Trigger
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.plan.CellOutcome
import dev.kausal.engine.plan.SweepPlan
import dev.kausal.engine.requests.Activations
import dev.kausal.engine.requests.Generation
import dev.kausal.engine.requests.Request
import dev.kausal.engine.tensor.Precision
import dev.kausal.engine.tensor.Tuning

/**
 * A model in this process, closed by the caller.
 *
 * @param sweeps computes the cells of sweeps
 * @param counterpart returns the same model in the other precision: float32, with which one in bfloat16 is compared, or bfloat16,
 *   in which sweeps are screened; closed by the caller
 */
public class LocalBackend(
    private val model: HookedModel,
    private val sweeps: Executor,
    override val budget: Long = BUDGET,
    private val counterpart: (() -> HookedModel)? = null,
) : Backend {
    override val precision: Precision get() = model.weights().precision()

    override val config: ModelConfig get() = model.config()

    override val points: HookPoints get() = model.points()

    override val tuning: Tuning get() = model.device().tuning()

    override val executor: String get() = sweeps.name()

    private val other: Executor =
        when {
            executor == PLAIN -> BatchedExecutor(BUDGET)
            model.weights().streamed() -> HalvesExecutor(sweeps)
            else -> PlainExecutor()
        }

    override fun outcomes(
        shard: Shard,
        plan: SweepPlan,
        done: (Int) -> Unit,
    ): ByteArray {
        val executor = shard.by?.executor(budget) ?: sweeps
        val used = if (shard.bfloat16) model(Precision.BFLOAT16) else model
        return OutcomeBytes.of(executor.execute(used, plan) { done(it) })
    }

    override fun outcomes(
        plan: SweepPlan,
        shape: ProductShape,
        done: (Int) -> Unit,
    ): List<CellOutcome> =
        when (shape) {
            ProductShape.SWEEP -> sweeps.execute(model, plan) { done(it) }
            ProductShape.OTHER -> other.execute(model, plan) { done(it) }
            ProductShape.FLOAT32 -> sweeps.execute(model(Precision.FLOAT32), plan) { done(it) }
        }

    override fun <A> inFloat32(request: Request<A>): A? =
        if (precision == Precision.FLOAT32) null else request.of(model(Precision.FLOAT32))

    private fun model(wanted: Precision): HookedModel =
        if (precision == wanted) {
            model
        } else {
            checkNotNull(counterpart) { "this backend has no model in ${wanted.word()}" }()
        }

    override fun <A> answer(request: Request<A>): A = request.of(model)

    override fun write(
        request: Generation,
        done: (Int) -> Unit,
    ): List<Continuation> = request.of(model) { done(it) }

    override fun each(
        request: Activations,
        take: (String, Activations.Values) -> Unit,
    ): Unit = request.each(model, take)

    override fun local(need: String): LocalBackend = this

    /** Returns the dictionary in [file] for this model at the hook point called [site]; closed by the caller. */
    internal fun dictionary(
        file: DictionaryFile,
        site: String,
    ): Dictionary {
        val dictionary = file.load(model.device())
        if (file.config().gained()) {
            model.device().scope().use {
                val layer = model.weights().layers()[points.named(site).layer()]
                dictionary.foldGain(checkNotNull(layer.ln2Gain()) { "no gain of the norm at $site" }, layer.ln2Bias())
            }
        }
        return dictionary
    }

    /** Adds a read-only hook: [hear] is called if [holds] does, at the points called [names]. */
    internal fun watch(
        names: Set<String>,
        once: Boolean,
        holds: (NDArray, HookPoint) -> Boolean,
        hear: (NDArray, HookPoint) -> Unit,
    ): WatchedModel {
        val hooks = Hooks(model.points())
        val handle = hooks.watch({ it.name() in names }, Trigger(holds, once), hear)
        return WatchedModel(model, hooks, handle)
    }

    /** A model with a read-only hook, until it is closed. */
    internal class WatchedModel(
        private val model: HookedModel,
        private val hooks: Hooks,
        private val handle: AutoCloseable,
    ) : AutoCloseable by handle {
        /** Number of points with a hook. */
        val hooked: Int get() = model.points().all().count { point: HookPoint -> hooks.at(point) }

        /** Returns the outputs of [input] at position [read]. */
        fun outputs(
            input: Input,
            read: Int,
        ): FloatArray =
            model.device().manager().use { manager -> model.outputsAt(input, read, hooks, manager).toFloatArray() }
    }

    private companion object {
        val PLAIN: String = PlainExecutor().name()

        /** Memory in bytes for some tens of short runs, many in one batch. */
        const val BUDGET = 1L shl 28
    }
}
