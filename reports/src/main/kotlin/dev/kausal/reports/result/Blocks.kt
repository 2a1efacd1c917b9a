package dev.kausal.reports.result

import dev.kausal.reports.words.shownToken
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.NumberList
import kotlin.math.abs

/**
 * A large array divided into blocks, each represented by its number furthest from 0, with its place.
 *
 * @property axes axes of the large array
 * @property widths number of elements per block along each axis
 */
internal class Blocks private constructor(
    val axes: List<AxisSpec>,
    val widths: List<Int>,
    private val found: Lazy<Found>,
    private val numbers: NumberList,
) : NumberList() {
    constructor(numbers: NumberList, axes: List<AxisSpec>, widths: List<Int>) :
        this(axes, widths, lazy { found(numbers, axes.map { it.labels.size }, widths) }, numbers)

    /** The numbers of all blocks, with their places. */
    private class Found(
        val values: DoubleArray,
        val places: IntArray,
    )

    /** The large array. */
    val whole: NumberList get() = numbers

    override val size: Int = axes.indices.fold(1) { n, axis -> n * blocks(axis) }

    override fun at(index: Int): Double = found.value.values[index]

    /** Returns the place in the large array of block [index]'s number, on each axis. */
    fun place(index: Int): List<Int> {
        var rest = found.value.places[index]
        return axes.reversed().map { axis -> (rest % axis.labels.size).also { rest /= axis.labels.size } }.reversed()
    }

    /** Returns the axes of the blocks, labelled by the blocks' ends. */
    fun ends(): List<AxisSpec> =
        axes.mapIndexed { at, axis ->
            val width = widths[at]
            if (width == 1) return@mapIndexed axis
            AxisSpec(
                axis.name,
                axis.labels.chunked(width).map { shownToken(it.first()) + " \u2013 " + shownToken(it.last()) },
            )
        }

    /** Returns the same blocks with an additional axis of one label at [index]. */
    fun withAxis(
        index: Int,
        axis: AxisSpec,
    ): Blocks =
        Blocks(
            axes.take(index) + axis + axes.drop(index),
            widths.take(index) + 1 + widths.drop(index),
            found,
            numbers,
        )

    private fun blocks(axis: Int): Int = (axes[axis].labels.size + widths[axis] - 1) / widths[axis]

    companion object {
        /** Returns block widths that divide [sizes] into at most [most] blocks along the [divisible] axes. */
        fun widths(
            sizes: List<Int>,
            divisible: List<Boolean>,
            most: Int,
        ): List<Int> {
            val longest = sizes.filterIndexed { axis, _ -> divisible[axis] }.maxOrNull() ?: 1

            fun blocks(cap: Int) =
                sizes.foldIndexed(1L) { axis, n, size -> n * if (divisible[axis]) size.coerceAtMost(cap) else size }
            val cap = generateSequence(longest) { it - 1 }.first { it == 1 || blocks(it) <= most }
            return sizes.mapIndexed { axis, size -> if (divisible[axis]) (size + cap - 1) / cap else 1 }
        }

        private fun found(
            numbers: NumberList,
            sizes: List<Int>,
            widths: List<Int>,
        ): Found {
            val counts = sizes.zip(widths) { size, width -> (size + width - 1) / width }
            val steps = counts.indices.map { axis -> counts.drop(axis + 1).fold(1, Int::times) }
            val offsets = sizes.indices.map { axis -> IntArray(sizes[axis]) { it / widths[axis] * steps[axis] } }
            val values = DoubleArray(counts.fold(1, Int::times)) { Double.NaN }
            val places = IntArray(values.size)
            val along = sizes.last()
            for (row in 0 until numbers.size / along) {
                var rest = row
                var first = 0
                for (axis in sizes.size - 2 downTo 0) {
                    first += offsets[axis][rest % sizes[axis]]
                    rest /= sizes[axis]
                }
                for (i in 0 until along) {
                    val number = numbers.at(row * along + i)
                    val block = first + offsets.last()[i]
                    if (number.isNaN() || abs(number) <= abs(values[block])) continue
                    values[block] = number
                    places[block] = row * along + i
                }
            }
            return Found(values, places)
        }
    }
}
