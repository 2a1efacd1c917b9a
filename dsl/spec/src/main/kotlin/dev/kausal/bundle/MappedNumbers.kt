package dev.kausal.bundle

import dev.kausal.spec.NumberList
import dev.kausal.spec.NumberType
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.channels.FileChannel
import java.nio.channels.FileChannel.MapMode.READ_ONLY

/** The numbers of a file, mapped into memory outside Java's heap. */
internal class MappedFile(
    channel: FileChannel,
    private val type: NumberType,
    start: Long,
) {
    private val parts: List<ByteBuffer> =
        (start until channel.size() step PART).map { from ->
            channel.map(READ_ONLY, from, minOf(PART, channel.size() - from)).order(ByteOrder.LITTLE_ENDIAN)
        }

    /** Returns number [index] of the file. */
    fun at(index: Long): Double {
        val byte = index * type.bytes
        val part = parts[(byte / PART).toInt()]
        val place = (byte % PART).toInt()
        return if (type == NumberType.F32) part.getFloat(place).toDouble() else part.getDouble(place)
    }

    private companion object {
        /** Bytes per mapping: a buffer is limited to 2 GiB. */
        const val PART = 1L shl 30
    }
}

/**
 * An array of a file in a result's form: row-major in the longest example's shape, absent where this example is
 * shorter.
 *
 * @param first index of its first number in the file
 * @param own lengths of the array's axes
 * @param box lengths of the result's axes
 */
internal class MappedNumbers(
    private val file: MappedFile,
    private val first: Long,
    own: List<Int>,
    box: List<Int>,
) : NumberList() {
    private val own = own.toIntArray()
    private val box = box.toIntArray()
    private val whole = own == box

    override val size: Int = box.fold(1, Math::multiplyExact)

    override fun at(index: Int): Double {
        if (whole) return file.at(first + index)
        var rest = index
        var place = 0L
        var step = 1L
        for (axis in box.indices.reversed()) {
            val at = rest % box[axis]
            if (at >= own[axis]) return Double.NaN
            rest /= box[axis]
            place += at * step
            step *= own[axis]
        }
        return file.at(first + place)
    }
}
