package dev.kausal.experiments

import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.family.Placement
import dev.kausal.engine.model.ModelSource
import dev.kausal.engine.plan.Sizes
import dev.kausal.engine.tensor.Device
import dev.kausal.engine.tensor.Precision
import dev.kausal.run.PlanSummary
import dev.kausal.spec.SweepSpec

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
     * A model in bfloat16 is compared with one in float32, whose layers are always read so; a model in float32 whose sweeps
     * are screened has one in bfloat16 beside it.
     *
     * @throws MemoryBudgetException if the user's budget is too small for one cell at a time
     * @throws WeightsInMemoryException if they do not fit, but an analysis needs them there
     */
    fun plan(
        bound: BoundExperiment,
        source: ModelSource,
        threads: Int,
        streamed: Boolean = false,
        precision: Precision = Precision.FLOAT32,
    ): PlacedPlan {
        val whole = Sizes(source.config(), Placement.RESIDENT, precision)
        val resident = placed(bound, source, threads, whole, bytes)
        val fits = if (given) resident.needed <= bytes else whole.weightBytes() <= place.free() / 2
        if (fits && !streamed) return resident
        val insisting = bound.spec.analyses.filter { it.needsWeightsInMemory }.map { it.name }
        if (insisting.isNotEmpty()) throw WeightsInMemoryException(insisting, resident.needed, bytes.takeIf { given })
        val limit = if (given) bytes else java.lang.Long.highestOneBit(place.free() / 2)
        val least = placed(bound, source, threads, Sizes(source.config(), Placement.streaming(0), precision), limit)
        if (given && least.needed > bytes) throw MemoryBudgetException(minOf(least.needed, resident.needed), bytes)
        val layers = (limit - least.needed).coerceAtLeast(0) / whole.layerBytes()
        return if (layers == 0L) least else least.holding(minOf(layers, source.config().layers().toLong()).toInt())
    }

    private fun placed(
        bound: BoundExperiment,
        source: ModelSource,
        threads: Int,
        sizes: Sizes,
        limit: Long,
    ): PlacedPlan {
        val tuning = source.device().tuning()
        val other = counterpart(bound, sizes)
        val budget = maxOf(LEAST, limit - place.runtime - sizes.heldBytes() - (other?.heldBytes() ?: 0))
        val plan = { placed: Placement ->
            PlanSummary.of(
                bound.spec,
                Sizes(source.config(), placed, sizes.precision()),
                source.points(),
                budget,
                threads,
                if (placed.streamed()) tuning.streaming() else tuning,
                bound.runnable().images,
            )
        }
        return PlacedPlan(sizes, budget, other, source.device(), plan)
    }

    /** Returns the sizes of the same model in the other precision, if the run needs it. */
    private fun counterpart(
        bound: BoundExperiment,
        sizes: Sizes,
    ): Sizes? {
        val beside = if (sizes.placement().streamed()) Placement.streaming(0) else Placement.RESIDENT
        val screened = bound.spec.analyses.any { it is SweepSpec && it.screen != null }
        return when {
            sizes.precision() == Precision.BFLOAT16 -> {
                Sizes(sizes.config(), Placement.streaming(0), Precision.FLOAT32)
            }

            screened -> {
                Sizes(sizes.config(), beside, Precision.BFLOAT16)
            }

            else -> {
                null
            }
        }
    }

    /**
     * A plan with the place of its weights.
     *
     * @property sizes of the model, with the place and precision of its weights
     * @property beyondWeights bytes for base runs and groups, after subtracting the runtime and the weights in memory
     * @property counterpart sizes of the same model in the other precision, if the run needs it
     * @property device where the model computes
     */
    class PlacedPlan(
        val sizes: Sizes,
        val beyondWeights: Long,
        val counterpart: Sizes?,
        val device: Device,
        private val planned: (Placement) -> PlanSummary,
    ) {
        val plan: PlanSummary = planned(sizes.placement())

        private val place = MemoryPlace.of(device)

        /** Where the weights are. */
        val placement: Placement = sizes.placement()

        /** Precision of products with weights. */
        val precision: Precision = sizes.precision()

        /** Bytes of the weights in the other precision. */
        val besideBytes: Long get() = counterpart?.heldBytes() ?: 0

        /** Bytes of the whole process on the device. */
        val needed: Long
            get() = plan.peakBytes + besideBytes + (if (place.holdsHeap) plan.heapBytes else 0) +
                place.runtime

        /** Returns the same plan with more [layers] in memory. */
        fun holding(layers: Int): PlacedPlan =
            PlacedPlan(
                Sizes(sizes.config(), Placement.streaming(layers), precision),
                beyondWeights,
                counterpart,
                device,
                planned,
            )
    }

    companion object {
        /** Forces groups of one cell. */
        private const val LEAST = 1L

        /**
         * Returns the user's limit; by default the largest power of two within half of the device's free memory, and
         * 4 GB at most on the processor. The steps are that coarse because the budget determines which cells share a
         * matrix product, and so the last digits of numbers.
         *
         * @param kept bytes of the run's own model, if it is open already
         */
        fun of(
            options: RunOptions,
            kept: Long = 0,
            place: MemoryPlace = MemoryPlace.of(options.device).beside(kept),
        ): MemoryBudget =
            options.memoryBytes?.let { MemoryBudget(it, given = true, place) }
                ?: MemoryBudget(minOf(java.lang.Long.highestOneBit(place.free() / 2), place.most), false, place)
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
