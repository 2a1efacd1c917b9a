package dev.kausal.run.context

import dev.kausal.spec.Numbers
import java.nio.ByteBuffer

/** Rows of numbers in binary form, bit-exact. */
internal object NumberRows {
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
    ): List<Numbers>? = read(bytes)?.takeIf { it.size == count }

    /** Returns the rows in [bytes]; null if they hold something else. */
    fun read(bytes: ByteArray): List<Numbers>? {
        val left = ByteBuffer.wrap(bytes)
        val rows = mutableListOf<Numbers>()
        while (left.hasRemaining()) rows += row(left) ?: return null
        return rows
    }

    private fun row(left: ByteBuffer): Numbers? {
        if (left.remaining() < Int.SIZE_BYTES) return null
        val size = left.getInt()
        if (size < 0 || size > left.remaining() / Double.SIZE_BYTES) return null
        return Numbers.of(DoubleArray(size) { left.getDouble() })
    }
}
