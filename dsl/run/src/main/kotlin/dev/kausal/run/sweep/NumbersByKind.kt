package dev.kausal.run.sweep

import dev.kausal.spec.NumberList

/** Numbers of which cells of one kind have the same: [of] by kind, [kinds] by cell. */
internal class NumbersByKind(
    private val of: DoubleArray,
    private val kinds: IntArray,
) : NumberList() {
    override val size: Int get() = kinds.size

    override fun at(index: Int): Double = of[kinds[index]]
}

/** [numbers] where [present] has one too. */
internal class NumbersWhere(
    private val numbers: NumberList,
    private val present: NumberList,
) : NumberList() {
    override val size: Int get() = numbers.size

    override fun at(index: Int): Double = if (present.at(index).isNaN()) Double.NaN else numbers.at(index)
}
