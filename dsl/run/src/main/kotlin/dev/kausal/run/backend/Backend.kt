package dev.kausal.run.backend

import dev.kausal.engine.config.ModelConfig
import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.exec.Continuation
import dev.kausal.engine.hooks.HookPoints
import dev.kausal.engine.plan.CellOutcome
import dev.kausal.engine.plan.SweepPlan
import dev.kausal.engine.requests.Activations
import dev.kausal.engine.requests.Generation
import dev.kausal.engine.requests.Request
import dev.kausal.engine.tensor.Precision
import dev.kausal.engine.tensor.Tuning
import dev.kausal.run.sweep.ShardWorker

/**
 * Computes with one model, in this process or another: requests and answers are data.
 *
 * [LocalBackend] holds a model. A remote backend sends shards and requests to a process with the model, and refuses
 * plans that call a function of the script, as does its [local].
 */
public interface Backend {
    /** Sizes and architecture choices of the model. */
    public val config: ModelConfig

    /** The model's hook points. */
    public val points: HookPoints

    /** Tuning of the device that holds the model. */
    public val tuning: Tuning

    /** Bytes beyond the weights for passes that gradients are taken in. */
    public val budget: Long

    /** Precision of products with weights. */
    public val precision: Precision get() = Precision.FLOAT32

    /** Name of the executor, as recorded in bundles. */
    public val executor: String

    /**
     * Computes the cells of a shard.
     *
     * @param plan the cells, compiled from [shard] in this process; a remote backend compiles them again
     *   ([ShardWorker])
     * @param done receives the number of finished cells
     * @return the outcomes in the journal's form
     * @throws NotPortableException if the model is remote and the plan calls a function of the script
     */
    public fun outcomes(
        shard: Shard,
        plan: SweepPlan,
        done: (Int) -> Unit,
    ): ByteArray

    /** Computes a small plan in matrix products of this [shape]; only portable plans leave the process. */
    public fun outcomes(
        plan: SweepPlan,
        shape: ProductShape,
        done: (Int) -> Unit = {},
    ): List<CellOutcome>

    /** Answers [request] with the model. */
    public fun <A> answer(request: Request<A>): A

    /** Answers [request] with the same model in float32; null if it has none because it is that model. */
    public fun <A> inFloat32(request: Request<A>): A? = null

    /** Writes the texts of [request]; [done] receives the number of tokens that are settled, at the latest once all are. */
    public fun write(
        request: Generation,
        done: (Int) -> Unit,
    ): List<Continuation> = answer(request).also { done(request.prompts().size * request.tokens()) }

    /**
     * Answers [request] point by point: [take] receives the name and activation of each. A backend with a model in this
     * process does so in the order of the pass, and holds one point's activation at a time.
     */
    public fun each(
        request: Activations,
        take: (String, Activations.Values) -> Unit,
    ): Unit = request.points().zip(answer(request)).forEach { (name, values) -> take(name, values) }

    /**
     * Returns the backend with a model in this process.
     *
     * @param need what needs it, for the message
     * @throws NotPortableException if the model is remote
     */
    public fun local(need: String): LocalBackend
}

/** Shape of matrix products in which cells are computed; results in different shapes differ by rounding. */
public enum class ProductShape {
    /** As in sweeps. */
    SWEEP,

    /** The other way: one pass per cell if sweeps compute cells together, and vice versa. */
    OTHER,

    /** As in sweeps, with products in float32; the same as [SWEEP] if these are in float32 anyway. */
    FLOAT32,
}

/** A remote model is asked for something that needs the model in this process. */
public class NotPortableException(
    need: String,
) : KausalException(
        Blame.USER,
        "$need calls a function of the script, which is possible only in the script's process, but the model runs in " +
            "another. Run it in the model's process, or replace the function by built-in words of the language.",
    ) {
    private companion object {
        const val serialVersionUID: Long = 1L
    }
}
