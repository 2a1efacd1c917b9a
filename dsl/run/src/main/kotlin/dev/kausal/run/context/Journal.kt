package dev.kausal.run.context

import dev.kausal.engine.plan.CellOutcome
import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.io.DataInputStream
import java.io.DataOutputStream

/**
 * What a run has finished, so that the same run, started again after an interruption, need not repeat it.
 *
 * Parts are named by what they are of a run, and hold bytes. A journal belongs to one run: the same spec, weights,
 * executor and settings.
 */
public interface Journal {
    /** What [write] stored under [part]; null where the run did not come that far. */
    public fun read(part: String): ByteArray?

    /** Stores [bytes] under [part], whole or not at all. */
    public fun write(
        part: String,
        bytes: ByteArray,
    )

    /** Remembers nothing. */
    public object None : Journal {
        override fun read(part: String): ByteArray? = null

        override fun write(
            part: String,
            bytes: ByteArray,
        ): Unit = Unit
    }
}

/** Outcomes bit for bit. */
internal object OutcomeBytes {
    fun of(outcomes: List<CellOutcome>): ByteArray {
        val bytes = ByteArrayOutputStream()
        DataOutputStream(bytes).use { out ->
            outcomes.forEach {
                out.writeDouble(it.value())
                out.writeInt(it.fired())
                out.writeDouble(it.largestChange())
                out.writeDouble(it.size())
            }
        }
        return bytes.toByteArray()
    }

    /** The [count] outcomes that [bytes] hold; null where they hold another number. */
    fun read(
        bytes: ByteArray,
        count: Int,
    ): List<CellOutcome>? {
        if (bytes.size != count * SIZE) return null
        val stream = DataInputStream(ByteArrayInputStream(bytes))
        return List(count) {
            CellOutcome(stream.readDouble(), stream.readInt(), stream.readDouble(), stream.readDouble())
        }
    }

    private const val SIZE = 3 * Double.SIZE_BYTES + Int.SIZE_BYTES
}
