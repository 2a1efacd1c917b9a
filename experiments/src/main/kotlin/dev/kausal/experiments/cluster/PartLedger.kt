package dev.kausal.experiments.cluster

import dev.kausal.engine.errors.KausalException
import dev.kausal.experiments.RunProgress
import dev.kausal.run.context.Journal

/**
 * Takes the parts that machines have computed into [journal], each once: the first attempt at a part is kept, and
 * later ones must agree with it.
 *
 * @param agreement compares attempts
 */
internal class PartLedger(
    private val journal: Journal,
    private val agreement: PartAgreement,
    private val progress: RunProgress,
) : PartReceiver {
    private val kept = HashMap<String, ComputedPart>()
    private val seconds = LinkedHashMap<String, Double>()
    private val named = LinkedHashSet<String>()

    /** Why the run cannot go on; null if it can. */
    @Volatile
    var failure: KausalException? = null
        private set

    /** Seconds of computing by host. */
    val secondsByHost: Map<String, Double> get() = synchronized(kept) { LinkedHashMap(seconds) }

    /** Processors that took part. */
    val processors: Set<String> get() = synchronized(kept) { LinkedHashSet(named) }

    override fun received(part: ComputedPart) {
        synchronized(kept) {
            val first = kept[part.name]
            if (first == null) {
                keep(part)
            } else {
                compare(first, part)
            }
        }
    }

    private fun keep(part: ComputedPart) {
        try {
            journal.write(part.name, part.bytes)
        } catch (e: KausalException) {
            failure = e
            return
        }
        kept[part.name] = part
        seconds.merge(part.host, part.seconds, Double::plus)
        named += part.processor
        progress.advance()
    }

    private fun compare(first: ComputedPart, second: ComputedPart) {
        val difference = agreement.difference(first, second) ?: return
        failure = failure ?: PartsContradictException(second.name, first, second, difference)
    }

    override fun refused(message: String) {
        failure = failure ?: HostRefusedException(message)
    }

    override fun hasFailed(): Boolean = failure != null

    override fun note(line: String): Unit = progress.note(line)
}
