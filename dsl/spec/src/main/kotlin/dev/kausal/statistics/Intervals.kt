package dev.kausal.statistics

import dev.kausal.spec.NumberList

/** Intervals of cells as two lists of their ends; null where there is none. */
internal class Intervals(
    private val low: NumberList,
    private val high: NumberList,
) : AbstractList<Interval?>(),
    RandomAccess {
    override val size: Int get() = low.size

    override fun get(index: Int): Interval? {
        val ends = low.at(index) to high.at(index)
        return if (ends.first.isNaN() || ends.second.isNaN()) null else Interval(ends.first, ends.second)
    }
}
