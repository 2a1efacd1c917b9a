package dev.kausal.experiments.cluster

import dev.kausal.run.context.Journal

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
 * The journal of a task: what others have computed, and what it computes itself.
 *
 * @param deliver receives the parts that it was asked for
 */
internal class TaskJournal(
    private val known: Map<String, ByteArray>,
    private val asked: Set<String>,
    private val deliver: (String, ByteArray) -> Unit,
) : Journal {
    private val own = HashMap<String, ByteArray>()
    private val delivered = HashSet<String>()

    /** Parts that were asked for and not computed. */
    val left: Set<String> get() = asked - delivered

    override fun read(part: String): ByteArray? = own[part] ?: known[part]

    override fun write(part: String, bytes: ByteArray) {
        own[part] = bytes
        if (part in asked && delivered.add(part)) deliver(part, bytes)
    }
}
