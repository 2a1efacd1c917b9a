package dev.kausal.experiments.cluster

import dev.kausal.engine.family.Placement
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.tensor.Precision

/** The open models of this process, each opened once whatever the number of tasks that use it. */
internal object OpenModels {
    private data class Key(
        val sha256: String,
        val placement: Placement,
        val precision: Precision,
    )

    private val models = HashMap<Key, HookedModel>()
    private val opened = HashSet<Key>()

    /** Lends [model], which the caller closes, to tasks in this process as long as [use] runs. */
    fun <T> lent(sha256: String, placement: Placement, precision: Precision, model: HookedModel, use: () -> T): T {
        val key = Key(sha256, placement, precision)
        val isFirst = synchronized(models) { models.putIfAbsent(key, model) == null }
        try {
            return use()
        } finally {
            if (isFirst) synchronized(models) { models.remove(key) }
        }
    }

    /** Returns the open model with these weights, or opens it with [load] and keeps it until [close]. */
    fun get(sha256: String, placement: Placement, precision: Precision, load: () -> HookedModel): HookedModel =
        synchronized(models) {
            val key = Key(sha256, placement, precision)
            models.getOrPut(key) { load().also { opened += key } }
        }

    /** Closes the models that were opened here. */
    fun close() {
        synchronized(models) {
            opened.forEach { models.remove(it)?.close() }
            opened.clear()
        }
    }
}
