package dev.kausal.dsl

import dev.kausal.spec.ChoiceSpec
import dev.kausal.spec.Order

/** The heads, or layers, at the top of a result, known once it has run. */
public class Top internal constructor(
    internal val ranking: String,
    internal val order: Order,
    internal val count: Int,
    private val rank: Int? = null,
) {
    /** The cells from the top, each by itself. */
    internal val each: List<Top> get() = List(count.coerceAtLeast(0)) { Top(ranking, order, count, it) }

    internal fun toSpec(layers: Boolean): ChoiceSpec = ChoiceSpec(ranking, order, count, layers, rank)

    override fun toString(): String = "$ranking.top($count)"
}

/**
 * Returns the [count] heads, or layers, that this result ranks highest, for later analyses of the script:
 * `ablate(needed.top(3))`, `attention(set, needed.top(3))`, or one at a time in a sweep,
 * `each(needed.top(3)) { ablate(it) }`. The result is a sweep over `heads` or `layers`, or a
 * [headDifference]; all of its examples count.
 */
public fun GridHandle.top(
    count: Int,
    order: Order = Order.Strongest,
): Top = Top(name, order, count)
