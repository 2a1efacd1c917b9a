package dev.kausal.experiments.cluster

import dev.kausal.run.context.Journal
import java.util.concurrent.ConcurrentHashMap

/** A journal that remembers what was read from and written to [behind], since other machines need it. */
internal class KnownParts(
    private val behind: Journal,
) : Journal {
    private val contents = LinkedHashMap<String, ByteArray>()

    override fun read(part: String): ByteArray? =
        synchronized(contents) { contents[part] ?: behind.read(part)?.also { contents[part] = it } }

    override fun write(part: String, bytes: ByteArray) {
        synchronized(contents) {
            contents[part] = bytes
            behind.write(part, bytes)
        }
    }

    /** Returns all parts so far, by name. */
    fun all(): Map<String, ByteArray> = synchronized(contents) { LinkedHashMap(contents) }
}

/**
 * The journal of a worker: the parts that the driver has kept. What the worker itself computes is delivered, and read only
 * once the driver has kept it, which may have kept another machine's attempt.
 */
internal class WorkerJournal : Journal {
    private class Delivery(
        val part: String,
        val deliver: (ByteArray) -> Unit,
        var isMade: Boolean = false,
    )

    @Volatile
    private var known: Map<String, ByteArray> = emptyMap()
    private val own = ConcurrentHashMap<String, ByteArray>()
    private val delivery = ThreadLocal<Delivery?>()

    override fun read(part: String): ByteArray? = known[part] ?: own[part]

    override fun write(part: String, bytes: ByteArray) {
        val asked = delivery.get()
        if (asked?.part != part) {
            own[part] = bytes
        } else if (!asked.isMade) {
            asked.isMade = true
            asked.deliver(bytes)
        }
    }

    /** Takes the parts that the driver has; returns whether these are more than before. */
    fun know(parts: Map<String, ByteArray>): Boolean {
        val more = parts.size > known.size
        if (more) known = parts
        return more
    }

    /** Runs [compute] in this thread; [deliver] receives [part] when that writes it. Returns whether it did. */
    fun delivering(part: String, deliver: (ByteArray) -> Unit, compute: () -> Unit): Boolean {
        val asked = Delivery(part, deliver)
        delivery.set(asked)
        try {
            compute()
        } finally {
            delivery.remove()
        }
        return asked.isMade
    }
}
