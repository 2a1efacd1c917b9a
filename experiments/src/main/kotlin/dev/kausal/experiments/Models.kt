package dev.kausal.experiments

import dev.kausal.engine.family.Placement
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.model.ModelSource
import dev.kausal.engine.plan.Sizes
import dev.kausal.engine.tensor.Device
import dev.kausal.engine.tensor.Precision
import dev.kausal.run.backend.Backend
import java.nio.file.Path

/** Opens the models of runs, and decides when they are closed. */
internal interface Models {
    /** Whether a run that was interrupted resumes from a journal. */
    val journaled: Boolean get() = true

    /** Returns the memory limit of a run on [source]; closes models that leave too little. */
    fun budget(source: ModelSource, options: RunOptions): MemoryBudget = MemoryBudget.of(options)

    /** Returns [backend], or one that answers some of its requests itself. */
    fun answering(backend: Backend): Backend = backend

    /** Calls [use] with the model of [source] as it is [placed]; [load] opens it. */
    fun <T> use(
        source: ModelSource,
        placed: MemoryBudget.PlacedPlan,
        load: (ModelSource) -> HookedModel,
        use: (HookedModel) -> T,
    ): T

    /** Each run opens and closes its model. */
    object OfEachRun : Models {
        override fun <T> use(
            source: ModelSource,
            placed: MemoryBudget.PlacedPlan,
            load: (ModelSource) -> HookedModel,
            use: (HookedModel) -> T,
        ): T = load(source).use(use)
    }
}

/** Models that stay open for later runs on the same weights, until [close]. Used by one thread at a time. */
internal class KeptModels :
    Models,
    AutoCloseable {
    private val kept = LinkedHashMap<Key, Kept>()

    /** Number of models that were opened so far. */
    var opened: Int = 0
        private set

    override fun budget(source: ModelSource, options: RunOptions): MemoryBudget {
        makeRoom(source, options)
        return MemoryBudget.of(options, heldBytes(source))
    }

    /** Closes models that leave too little memory for [source]. */
    fun makeRoom(source: ModelSource, options: RunOptions) {
        val weights = Sizes(source.config(), Placement.RESIDENT, options.precision.products).weightBytes()
        val files = Files.of(source)
        val others = kept.keys.filter { it.files != files }
        if (others.isEmpty() || heldBytes(source) > 0) return
        if (weights > MemoryPlace.of(options.device).free() / 2) others.forEach { kept.remove(it)?.model?.close() }
    }

    /** Returns the bytes of the weights of [source] that are in memory already. */
    fun heldBytes(source: ModelSource): Long {
        val files = Files.of(source)
        return kept.filterKeys { it.files == files }.values.sumOf { it.bytes }
    }

    override fun <T> use(
        source: ModelSource,
        placed: MemoryBudget.PlacedPlan,
        load: (ModelSource) -> HookedModel,
        use: (HookedModel) -> T,
    ): T = use(opened(source, placed.sizes, load))

    /** Returns the model of these [sizes], place and precision: the open one, or that of [load]. */
    fun opened(source: ModelSource, sizes: Sizes, load: (ModelSource) -> HookedModel): HookedModel {
        val key = Key(Files.of(source), sizes.placement(), sizes.precision())
        return kept
            .getOrPut(key) {
                closeOthersOf(key.files)
                opened++
                Kept(load(source), sizes.heldBytes())
            }.model
    }

    /** Closes the same weights in another place or precision. */
    private fun closeOthersOf(files: Files) {
        kept.keys.filter { it.files == files }.forEach { kept.remove(it)?.model?.close() }
    }

    override fun close() {
        kept.values.forEach { it.model.close() }
        kept.clear()
    }

    /** The files of a model, and the device that it runs on. */
    private data class Files(
        val path: Path,
        val sha256: String,
        val device: Device,
    ) {
        companion object {
            fun of(source: ModelSource) =
                Files(source.path().toAbsolutePath().normalize(), source.sha256(), source.device())
        }
    }

    private data class Key(
        val files: Files,
        val placement: Placement,
        val precision: Precision,
    )

    private class Kept(
        val model: HookedModel,
        val bytes: Long,
    )
}
