package dev.kausal.run.context

import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.Numbers

/**
 * A reading in parts of consecutive examples, each computed by one shard and kept in the journal.
 *
 * @param name name of the analysis
 */
internal class ReadingParts(
    private val name: String,
    private val on: RunContext,
) {
    /**
     * Returns the numbers of each of [contrasts], from the journal or by [read], which receives its index.
     *
     * @throws PartsMissing if parts of other shards are not in the journal; those of this shard are then computed
     */
    fun of(
        contrasts: List<ContrastSpec>,
        read: (Int, ContrastSpec) -> Numbers,
    ): List<Numbers> =
        PartsMissing.gathered(
            contrasts.withIndex().chunked(EXAMPLES).mapIndexed { index, some ->
                { part(index, some.size) { some.map { read(it.index, it.value) } } }
            },
        ).flatten()

    private fun part(
        index: Int,
        count: Int,
        read: () -> List<Numbers>,
    ): List<Numbers> {
        val part = "$PREFIX$name-$index"
        on.journal.read(part)?.let { NumberRows.read(it, count) }?.let { return it }
        return on.assigned(part, name, index) { read().also { on.journal.write(part, NumberRows.of(it)) } }
    }

    companion object {
        /** Begin of the names of its parts. */
        const val PREFIX: String = "examples-"

        /** Examples of a part. */
        private const val EXAMPLES = 8
    }
}
