package dev.kausal.run.context

import dev.kausal.spec.AxisSpec
import dev.kausal.spec.MOST_IN_JSON
import dev.kausal.spec.NumberType

/**
 * Predicted size of a result, and the memory to compute it.
 *
 * @property axes axes of the result, long enough for every example
 * @property shapes lengths of each example's own axes
 * @property type type of its numbers in a file of arrays
 * @property native peak native bytes of activations, without weights
 * @property working peak bytes of Java's heap, besides the numbers of a result that is not large
 * @param zeros share of numbers that are 0
 * @param more bytes in `results.json` besides numbers and axes
 * @param isFiled whether its numbers go to a file if there are many
 */
internal class ResultSize(
    val axes: List<AxisSpec>,
    val shapes: List<List<Int>>,
    val type: NumberType = NumberType.F64,
    val native: Long = 0,
    val working: Long = 0,
    private val zeros: Double = 0.0,
    private val more: Long = 0,
    isFiled: Boolean = true,
) {
    private val sizes = shapes.map(::product)

    /** Numbers per row, padding included. */
    val cells: Long = product(axes.map { it.labels.size })

    /** Numbers of all examples. */
    val numbers: Long = sizes.sum()

    /** Whether the numbers go to a file of arrays. */
    val isLarge: Boolean = isFiled && numbers > MOST_IN_JSON

    /** Bytes of the file of arrays; 0 if there is none. */
    val arrayBytes: Long =
        if (isLarge) (numbers + if (shapes.size > 1) cells else 0) * type.bytes + shapes.size * HEADER else 0

    /** Estimated bytes in `results.json`. */
    val jsonBytes: Long = FRAME + labels() + more + if (isLarge) shapes.size * REFERENCE else numbersInJson()

    private fun labels(): Long =
        axes.sumOf { axis -> axis.labels.sumOf { it.length.toLong() + QUOTED } } + shapes.size * EXAMPLE

    /** Bytes of Java's heap that it occupies until the end of the run. */
    val kept: Long = if (isLarge) BUFFERS else (shapes.size + 1) * cells * Double.SIZE_BYTES

    private fun numbersInJson(): Long {
        val each = zeros * ZERO + (1 - zeros) * NUMBER
        val absent = shapes.size * cells - numbers
        return ((numbers + cells) * each).toLong() + absent * NULL
    }

    private companion object {
        /** Mean characters of a float in JSON; of a 0; of an absent number. */
        const val NUMBER = 20.6
        const val ZERO = 4
        const val NULL = 5

        /** Characters of a result's names, empty fields and the like. */
        const val FRAME = 700L
        const val QUOTED = 3

        /** Characters of an example's label and of its array's name, in the file and in `results.json`. */
        const val EXAMPLE = 30L
        const val HEADER = 160L
        const val REFERENCE = 45L

        /** Buffers for writing and hashing a file. */
        const val BUFFERS = 8L shl 20

        fun product(lengths: List<Int>): Long = lengths.fold(1L) { size, n -> Math.multiplyExact(size, n.toLong()) }
    }
}
