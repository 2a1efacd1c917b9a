package dev.kausal.run.backend

import dev.kausal.engine.config.ModelConfig
import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.hooks.HookPoints
import dev.kausal.engine.plan.CellOutcome
import dev.kausal.engine.plan.SweepPlan
import dev.kausal.engine.requests.Activations
import dev.kausal.engine.requests.Request
import dev.kausal.engine.tensor.Tuning
import dev.kausal.run.sweep.ShardWorker

/**
 * Computes with one model, in this process or another: what a run asks it for is data, and so is what it answers.
 *
 * [LocalBackend] holds a model. One that does not sends shards and requests to where a model is, and refuses what calls a
 * function of the script, as its [local] does.
 */
public interface Backend {
    /** The model's sizes and choices. */
    public val config: ModelConfig

    /** The model's hook points. */
    public val points: HookPoints

    /** How work is cut where the model is. */
    public val tuning: Tuning

    /** Names what runs sweeps, as bundles record it. */
    public val executor: String

    /**
     * Computes the cells of a shard.
     *
     * @param plan the cells, compiled from [shard] in this process; a backend elsewhere compiles them again ([ShardWorker])
     * @param done is told how many cells are behind
     * @return their outcomes in the journal's form
     * @throws NotPortableException if the model is elsewhere and the plan calls a function of the script
     */
    public fun outcomes(
        shard: Shard,
        plan: SweepPlan,
        done: (Int) -> Unit,
    ): ByteArray

    /** Computes a small plan in the products of this [shape]; only portable plans leave the process. */
    public fun outcomes(
        plan: SweepPlan,
        shape: ProductShape,
        done: (Int) -> Unit = {},
    ): List<CellOutcome>

    /** Answers a question to the model. */
    public fun <A> answer(request: Request<A>): A

    /**
     * Answers [request] point by point: [take] gets the name of each and what passes it. A backend whose model is in this
     * process does so in the order of the pass, and keeps no other point's activation meanwhile.
     */
    public fun each(
        request: Activations,
        take: (String, Activations.Values) -> Unit,
    ): Unit = request.points().zip(answer(request)).forEach { (name, values) -> take(name, values) }

    /**
     * Returns the backend with a model in this process.
     *
     * @param need what needs it, for the message
     * @throws NotPortableException if the model is elsewhere
     */
    public fun local(need: String): LocalBackend
}

/** In which shapes of matrix products cells are computed; numbers of two shapes differ by rounding. */
public enum class ProductShape {
    /** As sweeps are. */
    SWEEP,

    /** Otherwise: one pass per cell where sweeps compute cells together, and the other way round. */
    OTHER,
}

/** Something that needs the model in this process is asked of one elsewhere. */
public class NotPortableException(
    need: String,
) : KausalException(
        Blame.USER,
        "$need calls a function of the script, which only the process of the script can do, but the model runs in " +
            "another. Run it where the model is, or use the words of the language in place of the function.",
    ) {
    private companion object {
        const val serialVersionUID: Long = 1L
    }
}
