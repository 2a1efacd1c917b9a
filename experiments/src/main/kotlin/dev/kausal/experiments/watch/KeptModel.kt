package dev.kausal.experiments.watch

import dev.kausal.engine.family.Placement
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.model.ModelSource
import dev.kausal.engine.tensor.Precision
import dev.kausal.experiments.MemoryBudget
import dev.kausal.experiments.MemoryPlace
import dev.kausal.experiments.Models
import dev.kausal.experiments.PresentMemory
import dev.kausal.experiments.RunOptions
import dev.kausal.run.backend.Backend
import dev.kausal.run.backend.Remembered
import dev.kausal.run.backend.RememberingBackend

/**
 * A model that stays open over several runs, with what it has computed, which stands in for a journal; closed by the
 * caller.
 *
 * @property source its files, which [close] closes
 */
internal class KeptModel(
    val source: ModelSource,
    options: RunOptions,
) : Models,
    AutoCloseable {
    private class Loaded(
        val model: HookedModel,
        val placement: Placement,
        val precision: Precision,
        val memory: Long,
    )

    private var loaded: Loaded? = null
    private var remembered = Remembered()

    /** What the last run found and computed. */
    val counts: Remembered get() = remembered

    override val journaled: Boolean get() = false

    /** The same for all runs, since the memory limit determines which cells share a matrix product. */
    private val budget: MemoryBudget = MemoryBudget.of(options, place = PresentMemory(MemoryPlace.of(options.device)))

    override fun budget(source: ModelSource, options: RunOptions): MemoryBudget = budget

    override fun <T> use(
        source: ModelSource,
        placed: MemoryBudget.PlacedPlan,
        load: (ModelSource) -> HookedModel,
        use: (HookedModel) -> T,
    ): T = use(model(placed, load))

    /** Returns the model as [placed]: the open one if it is, else that of [load], which receives the files. */
    private fun model(placed: MemoryBudget.PlacedPlan, load: (ModelSource) -> HookedModel): HookedModel {
        val open = loaded
        val fits = open != null && open.placement == placed.placement && open.precision == placed.precision &&
            open.memory == placed.beyondWeights
        if (open != null && fits) return open.model
        release()
        // A model takes the tokenizer of its files, which checks of scripts still need.
        val model = source.again().use(load)
        loaded = Loaded(model, placed.placement, placed.precision, placed.beyondWeights)
        remembered = Remembered()
        return model
    }

    /** Returns [backend], which computes with the open model, with what earlier runs have computed; begins a run. */
    override fun answering(backend: Backend): Backend {
        remembered.begin()
        return RememberingBackend(backend, remembered)
    }

    private fun release() {
        loaded?.model?.close()
        loaded = null
    }

    override fun close() {
        release()
        source.close()
    }
}
