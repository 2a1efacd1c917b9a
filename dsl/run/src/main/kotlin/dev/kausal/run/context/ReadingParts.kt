package dev.kausal.run.context

import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.Numbers
import java.nio.ByteBuffer

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
        val part = "examples-$name-$index"
        on.journal.read(part)?.let { NumberRows.read(it, count) }?.let { return it }
        on.requireAssigned(part, name, index)
        return read().also { on.journal.write(part, NumberRows.of(it)) }
    }

    private companion object {
        /** Examples of a part. */
        const val EXAMPLES = 8
    }
}

/** Rows of numbers in binary form, bit-exact. */
private object NumberRows {
    fun of(rows: List<Numbers>): ByteArray {
        val bytes = ByteBuffer.allocate(rows.sumOf { Int.SIZE_BYTES + it.size * Double.SIZE_BYTES })
        rows.forEach { row ->
            bytes.putInt(row.size)
            for (i in 0 until row.size) bytes.putDouble(row.at(i))
        }
        return bytes.array()
    }

    /** Returns the [count] rows in [bytes]; null if they hold something else. */
    fun read(
        bytes: ByteArray,
        count: Int,
    ): List<Numbers>? {
        val left = ByteBuffer.wrap(bytes)
        val rows = List(count) {
            if (left.remaining() < Int.SIZE_BYTES) return null
            val size = left.getInt()
            if (size < 0 || size > left.remaining() / Double.SIZE_BYTES) return null
            Numbers.of(DoubleArray(size) { left.getDouble() })
        }
        return rows.takeIf { left.remaining() == 0 }
    }
}
