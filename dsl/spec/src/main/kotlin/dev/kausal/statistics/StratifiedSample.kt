package dev.kausal.statistics

import java.util.Random

/**
 * A random sample that is spread over strata: every item is as likely to be drawn, and each stratum has its share of the
 * sample up to rounding. A bound for simple random samples holds all the more for it (Hoeffding 1956).
 */
public object StratifiedSample {
    /**
     * Returns [size] of [items] in their order, or all of them if they are no more; same [seed], same sample.
     *
     * @param stratum what an item has in common with others
     */
    public fun <T, S> of(
        items: List<T>,
        size: Int,
        seed: Long,
        stratum: (T) -> S,
    ): List<T> {
        if (size >= items.size) return items
        if (size <= 0) return emptyList()
        val random = Random(mixed(seed))
        val line = items.indices.groupBy { stratum(items[it]) }.values.shuffled(random).flatMap { it.shuffled(random) }
        val step = items.size.toDouble() / size
        val start = random.nextDouble() * step
        return List(size) { line[(start + it * step).toInt().coerceAtMost(items.lastIndex)] }.sorted().map { items[it] }
    }

    /** Spreads the bits of a seed: the first numbers of java.util.Random are alike for seeds that are (Steele et al. 2014). */
    private fun mixed(seed: Long): Long {
        var z = seed + GOLDEN
        z = (z xor (z ushr 30)) * FIRST
        z = (z xor (z ushr 27)) * SECOND
        return z xor (z ushr 31)
    }

    private const val GOLDEN = -7046029254386353131L
    private const val FIRST = -4658895280553007687L
    private const val SECOND = -7723592293110705685L
}
