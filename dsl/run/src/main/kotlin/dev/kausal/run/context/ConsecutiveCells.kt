package dev.kausal.run.context

/** The numbers of consecutive cells of a plan. */
internal class ConsecutiveCells(
    private val first: Int,
    override val size: Int,
) : AbstractList<Int>(),
    RandomAccess {
    override fun get(index: Int): Int {
        if (index !in 0 until size) throw IndexOutOfBoundsException("cell $index of $size")
        return first + index
    }
}

/**
 * The numbers of a plan's cells by example and cell of the grid, of which each has consecutive ones, after those of the one
 * before.
 *
 * @property ends before the first grid cell and after each, the number of the plan's cells
 */
internal class GridNumbers(
    private val width: Int,
    private val ends: IntArray,
) : AbstractList<List<List<Int>>>(),
    RandomAccess {
    override val size: Int get() = if (width == 0) 0 else (ends.size - 1) / width

    override fun get(index: Int): List<List<Int>> {
        if (index !in 0 until size) throw IndexOutOfBoundsException("example $index of $size")
        return Row(index * width)
    }

    private inner class Row(
        private val before: Int,
    ) : AbstractList<List<Int>>(),
        RandomAccess {
        override val size: Int get() = width

        override fun get(index: Int): List<Int> {
            if (index !in 0 until width) throw IndexOutOfBoundsException("cell $index of $width")
            val first = ends[before + index]
            return ConsecutiveCells(first, ends[before + index + 1] - first)
        }
    }
}
