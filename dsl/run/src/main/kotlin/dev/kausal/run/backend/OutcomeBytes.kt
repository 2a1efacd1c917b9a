package dev.kausal.run.backend

import dev.kausal.engine.plan.CellOutcome
import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.io.DataInputStream
import java.io.DataOutputStream

/** Outcomes in binary form, bit-exact. */
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

    /** Returns the [count] outcomes in [bytes]; null if they hold another number. */
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

    /** Bytes of one outcome. */
    const val SIZE: Int = 3 * Double.SIZE_BYTES + Int.SIZE_BYTES
}
