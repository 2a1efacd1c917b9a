package dev.kausal.statistics

/**
 * The number of elements that two sets have in common, if one of them takes as many elements of each stratum as it does, but any
 * of them: the sum of a hypergeometric variable per stratum, whose distribution is exact.
 *
 * @property probabilities probability of each number, from 0
 */
public class TopOverlap private constructor(
    private val probabilities: List<Double>,
) {
    /** Mean number. */
    public val expected: Double get() = probabilities.withIndex().sumOf { (number, p) -> number * p }

    /** Returns the probability of [number] or more. */
    public fun atLeast(number: Int): Double = probabilities.drop(number).sum().coerceIn(0.0, 1.0)

    /** Returns the smallest number that is exceeded with a probability of at most [share]. */
    public fun exceededBy(share: Double): Int =
        probabilities.indices.first { atLeast(it + 1) <= share + TIE }

    public companion object {
        private const val TIE = 1e-12

        /**
         * Returns the distribution for sets [a] and [b].
         *
         * @param strata number of elements of each stratum
         * @param stratum returns the stratum of an element
         */
        public fun of(
            a: Set<Int>,
            b: Set<Int>,
            strata: List<Int>,
            stratum: (Int) -> Int,
        ): TopOverlap {
            val inA = a.groupingBy(stratum).eachCount()
            val inB = b.groupingBy(stratum).eachCount()
            val all =
                strata.indices.fold(listOf(1.0)) { sum, index ->
                    convolved(sum, hypergeometric(strata[index], inA[index] ?: 0, inB[index] ?: 0))
                }
            return TopOverlap(all)
        }

        /** Returns the distribution of the marked among [drawn] of [size] elements, [marked] of which are. */
        private fun hypergeometric(
            size: Int,
            marked: Int,
            drawn: Int,
        ): List<Double> {
            val ways = (0..minOf(marked, drawn)).map { choose(marked, it) * choose(size - marked, drawn - it) }
            return ways.map { it / ways.sum() }
        }

        private fun choose(
            of: Int,
            count: Int,
        ): Double = if (count < 0 ||
            count > of
        ) {
            0.0
        } else {
            (1..count).fold(1.0) { ways, i -> ways * (of - count + i) / i }
        }

        private fun convolved(
            a: List<Double>,
            b: List<Double>,
        ): List<Double> {
            val sum = MutableList(a.size + b.size - 1) { 0.0 }
            for (i in a.indices) for (j in b.indices) sum[i + j] += a[i] * b[j]
            return sum
        }
    }
}
