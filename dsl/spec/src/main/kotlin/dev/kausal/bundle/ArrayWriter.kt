package dev.kausal.bundle

import dev.kausal.spec.NumberList
import dev.kausal.spec.NumberType
import dev.kausal.spec.StoredArray
import dev.kausal.spec.StoredArrays
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.ByteOrder
import java.nio.channels.FileChannel
import java.nio.file.Path
import java.nio.file.StandardOpenOption.CREATE_NEW
import java.nio.file.StandardOpenOption.READ
import java.nio.file.StandardOpenOption.WRITE

/** Numbers by index, without boxing. */
public fun interface NumberAt {
    /** Returns the number at [index]; non-finite ones count as not computed. */
    public fun at(index: Int): Double
}

/**
 * The numbers of a result, read from its file.
 *
 * @property arrays the reference to the file
 * @property rows numbers of each example
 * @property mean mean over the examples that have the cell
 */
public class WrittenArrays internal constructor(
    public val arrays: StoredArrays,
    public val rows: List<NumberList>,
    public val mean: NumberList,
)

/** Streams the arrays of one result to a file; none stays in Java's heap. */
public class ArrayWriter internal constructor(
    private val folder: Path,
    private val file: String,
    private val layout: ArrayLayout,
    private val box: List<Int>,
) : AutoCloseable {
    private val examples = if (layout.arrays.size == 1) layout.arrays else layout.arrays.dropLast(1)
    private val written = LongArray(layout.arrays.size)
    private val part = ByteBuffer.allocate(PART).order(ByteOrder.LITTLE_ENDIAN)
    private val channel: FileChannel =
        writing {
            FileChannel.open(folder.resolve(file), CREATE_NEW, READ, WRITE).also { put(it, layout.header, 0) }
        }

    /**
     * Writes [count] numbers of example [example], from index [start] of its array on.
     *
     * @throws IllegalArgumentException if they do not fit into the array
     * @throws BundleNotWritableException if the file cannot be written
     */
    public fun write(
        example: Int,
        start: Long,
        count: Int,
        numbers: NumberAt,
    ): Unit = writeTo(example, start, count, numbers)

    /**
     * Writes the mean over examples if there are several, closes the file and returns its numbers, which are read from
     * it when needed.
     *
     * @throws IllegalStateException if numbers are missing
     */
    public fun finish(): WrittenArrays {
        examples.indices.forEach { i ->
            check(written[i] == layout.size(i)) { "${examples[i].name} has ${written[i]} numbers so far" }
        }
        if (examples.size < layout.arrays.size) {
            writeMean(examples.map(reader(channel, layout.header.size.toLong(), layout, box)))
        }
        channel.close()
        val bundle = BundleFolder(folder)
        val stored = StoredArrays(file, bundle.sha256(file), layout.type, examples, layout.arrays.last())
        return bundle.channel(file) { attached(it, stored, layout, box) }
    }

    private fun writeMean(rows: List<NumberList>) {
        val mean = layout.arrays.lastIndex
        val cells = rows.first().size
        for (from in 0 until cells step PART) {
            writeTo(mean, from.toLong(), minOf(PART, cells - from)) { i -> meanOf(rows, from + i) }
        }
    }

    private fun meanOf(
        rows: List<NumberList>,
        cell: Int,
    ): Double {
        var sum = 0.0
        var count = 0
        for (row in rows) {
            val number = row.at(cell)
            if (number.isNaN()) continue
            sum += number
            count++
        }
        return if (count == 0) Double.NaN else sum / count
    }

    private fun writeTo(
        array: Int,
        start: Long,
        count: Int,
        numbers: NumberAt,
    ) {
        require(start >= 0 && start + count <= layout.size(array)) { "$start and $count more are too many" }
        val first = checkNotNull(layout.first(layout.arrays[array])) + start
        val each = PART / layout.type.bytes
        for (from in 0 until count step each) {
            part.clear()
            for (i in from until minOf(count, from + each)) put(numbers.at(i))
            val at = layout.header.size + (first + from) * layout.type.bytes
            writing { put(channel, part.flip(), at) }
        }
        written[array] += count.toLong()
    }

    private fun put(number: Double) {
        val finite = if (number.isFinite()) number else Double.NaN
        if (layout.type == NumberType.F32) part.putFloat(finite.toFloat()) else part.putDouble(finite)
    }

    private fun put(
        channel: FileChannel,
        bytes: ByteArray,
        at: Long,
    ) = put(channel, ByteBuffer.wrap(bytes), at)

    private fun put(
        channel: FileChannel,
        bytes: ByteBuffer,
        at: Long,
    ) {
        var to = at
        while (bytes.hasRemaining()) to += channel.write(bytes, to)
    }

    private fun <T> writing(write: () -> T): T =
        try {
            write()
        } catch (e: IOException) {
            throw BundleNotWritableException(folder.resolve(file), e)
        }

    override fun close(): Unit = channel.close()

    internal companion object {
        private const val PART = 1 shl 20

        /**
         * Returns the numbers of [file], whose arrays are laid out by [layout].
         *
         * @throws IllegalArgumentException if the file has another layout
         */
        fun attached(
            file: FileChannel,
            stored: StoredArrays,
            layout: ArrayLayout,
            box: List<Int>,
        ): WrittenArrays {
            val numbers = reader(file, ArrayLayout.start(file, layout), layout, box)
            return WrittenArrays(stored, stored.perExample.map(numbers), numbers(stored.mean))
        }

        /** Returns the numbers of each array of [file], the first of which begins at byte [start]. */
        private fun reader(
            file: FileChannel,
            start: Long,
            layout: ArrayLayout,
            box: List<Int>,
        ): (StoredArray) -> NumberList {
            val mapped = MappedFile(file, layout.type, start)
            return { array ->
                val first = requireNotNull(layout.first(array)) { "it lacks ${array.name}" }
                MappedNumbers(mapped, first, array.shape, box)
            }
        }
    }
}
