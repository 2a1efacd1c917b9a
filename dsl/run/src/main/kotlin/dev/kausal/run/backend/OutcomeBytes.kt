package dev.kausal.run.backend

import dev.kausal.engine.plan.CellOutcome
import java.nio.ByteBuffer

/** Outcomes in binary form, bit-exact. */
internal object OutcomeBytes {
    fun of(outcomes: List<CellOutcome>): ByteArray {
        val bytes = ByteBuffer.allocate(outcomes.size * SIZE)
        outcomes.forEach {
            bytes.putDouble(it.value())
            bytes.putInt(it.fired())
            bytes.putDouble(it.largestChange())
            bytes.putDouble(it.size())
        }
        return bytes.array()
    }

    /** Returns the [count] outcomes in [bytes], which it keeps; null if they hold another number. */
    fun read(
        bytes: ByteArray,
        count: Int,
    ): List<CellOutcome>? = if (bytes.size == count * SIZE) Outcomes(listOf(bytes)) else null

    /** Returns [parts] as one list, which keeps the bytes of those that were read. */
    fun joined(parts: List<List<CellOutcome>>): List<CellOutcome> =
        Outcomes(parts.flatMap { part -> if (part is Outcomes) part.parts else listOf(of(part)) })

    /** Bytes of one outcome. */
    const val SIZE: Int = 3 * Double.SIZE_BYTES + Int.SIZE_BYTES

    /** Outcomes as the bytes of consecutive [parts]: half the size of objects. */
    private class Outcomes(
        val parts: List<ByteArray>,
    ) : AbstractList<CellOutcome>(),
        RandomAccess {
        private val buffers = parts.map { ByteBuffer.wrap(it) }

        /** Number of outcomes before each part, and of all. */
        private val firsts = parts.runningFold(0) { before, part -> before + part.size / SIZE }.toIntArray()

        override val size: Int get() = firsts.last()

        override fun get(index: Int): CellOutcome {
            if (index !in 0 until size) throw IndexOutOfBoundsException("$index of $size outcomes")
            val found = firsts.binarySearch(index)
            // Of empty parts, which begin where the next one does, any may be found.
            var part = if (found >= 0) found else -found - 2
            while (firsts[part + 1] <= index) part++
            val at = (index - firsts[part]) * SIZE
            return with(buffers[part]) {
                CellOutcome(getDouble(at), getInt(at + FIRED), getDouble(at + CHANGE), getDouble(at + CHANGE + FIRED))
            }
        }
    }

    private const val FIRED = Double.SIZE_BYTES
    private const val CHANGE = Double.SIZE_BYTES + Int.SIZE_BYTES
}
