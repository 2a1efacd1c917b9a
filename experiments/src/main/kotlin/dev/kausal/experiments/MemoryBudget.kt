package dev.kausal.experiments

import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.family.Placement
import dev.kausal.engine.model.ModelSource
import dev.kausal.engine.plan.Sizes
import dev.kausal.engine.tensor.Device
import dev.kausal.run.PlanSummary

/**
 * The memory limit of a run on its device, including the JVM and the native library.
 *
 * @property bytes total limit
 * @property given whether the user set it
 * @property place the device's memory
 */
internal class MemoryBudget private constructor(
    private val bytes: Long,
    private val given: Boolean,
    private val place: MemoryPlace,
) {
    /**
     * Returns the plan of [bound] within this budget, for this number of [threads]: with all weights in memory if they
     * fit, else with layers that are read as passes reach them. [streamed] asks for the latter in any case.
     *
     * @throws MemoryBudgetException if the user's budget is too small for one cell at a time
     * @throws WeightsInMemoryException if they do not fit, but an analysis needs them there
     */
    fun plan(
        bound: BoundExperiment,
        source: ModelSource,
        threads: Int,
        streamed: Boolean = false,
    ): PlacedPlan {
        val resident = placed(bound, source, threads, Placement.RESIDENT, bytes)
        val fits = if (given) resident.needed <= bytes else Sizes(source.config()).weightBytes() <= place.free() / 2
        if (fits && !streamed) return resident
        val insisting = bound.spec.analyses.filter { it.needsWeightsInMemory }.map { it.name }
        if (insisting.isNotEmpty()) throw WeightsInMemoryException(insisting, resident.needed, bytes.takeIf { given })
        val limit = if (given) bytes else java.lang.Long.highestOneBit(place.free() / 2)
        val least = placed(bound, source, threads, Placement.streaming(0), limit)
        if (given && least.needed > bytes) throw MemoryBudgetException(minOf(least.needed, resident.needed), bytes)
        val layers = (limit - least.needed).coerceAtLeast(0) / Sizes(source.config()).layerBytes()
        return if (layers == 0L) least else least.holding(minOf(layers, source.config().layers().toLong()).toInt())
    }

    private fun placed(
        bound: BoundExperiment,
        source: ModelSource,
        threads: Int,
        placement: Placement,
        limit: Long,
    ): PlacedPlan {
        val tuning = source.device().tuning()
        val sizes = Sizes(source.config(), placement)
        val budget = maxOf(LEAST, limit - place.runtime - sizes.heldBytes())
        val plan = { placed: Placement ->
            PlanSummary.of(
                bound.spec,
                Sizes(source.config(), placed),
                source.points(),
                budget,
                threads,
                if (placed.streamed()) tuning.streaming() else tuning,
                bound.runnable().images,
            )
        }
        return PlacedPlan(placement, budget, source.device(), plan)
    }

    /**
     * A plan with the place of its weights.
     *
     * @property placement where the weights are
     * @property beyondWeights bytes for base runs and groups, after subtracting the runtime and the weights in memory
     * @property device where the model computes
     */
    class PlacedPlan(
        val placement: Placement,
        val beyondWeights: Long,
        val device: Device,
        private val planned: (Placement) -> PlanSummary,
    ) {
        val plan: PlanSummary = planned(placement)

        private val place = MemoryPlace.of(device)

        /** Bytes of the whole process on the device. */
        val needed: Long get() = plan.peakBytes + (if (place.holdsHeap) plan.heapBytes else 0) + place.runtime

        /** Returns the same plan with more [layers] in memory. */
        fun holding(layers: Int): PlacedPlan = PlacedPlan(Placement.streaming(layers), beyondWeights, device, planned)
    }

    companion object {
        /** Forces groups of one cell. */
        private const val LEAST = 1L

        /**
         * Returns the user's limit; by default the largest power of two within half of the device's free memory, and
         * 4 GB at most on the processor. The steps are that coarse because the budget determines which cells share a
         * matrix product, and so the last digits of numbers.
         */
        fun of(options: RunOptions): MemoryBudget =
            MemoryPlace.of(options.device).let { place ->
                options.memoryBytes?.let { MemoryBudget(it, given = true, place) }
                    ?: MemoryBudget(minOf(java.lang.Long.highestOneBit(place.free() / 2), place.most), false, place)
            }
    }
}

internal class MemoryBudgetException(
    needed: Long,
    budget: Long,
) : KausalException(
        Blame.USER,
        "This run needs at least ${needed / MEGA} MB, even with weights read layer by layer, but --memory allows " +
            "${budget / MEGA} MB. " +
            "Allow more, or use a smaller model.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
        private const val MEGA = 1_000_000L
    }
}

/** Analyses need all weights in memory, and they do not fit. */
internal class WeightsInMemoryException(
    names: List<String>,
    needed: Long,
    budget: Long?,
) : KausalException(
        Blame.USER,
        names.joinToString(" and ") + (if (names.size == 1) " needs" else " need") +
            " all weights in memory, ${needed / MEGA} MB with everything else, but " +
            (budget?.let { "--memory allows ${it / MEGA} MB" } ?: "that is too much beside what is in use") +
            ". Allow more (--memory), use a smaller model, or leave this out.",
    ) {
    private companion object {
        private const val serialVersionUID = 1L
        private const val MEGA = 1_000_000L
    }
}
