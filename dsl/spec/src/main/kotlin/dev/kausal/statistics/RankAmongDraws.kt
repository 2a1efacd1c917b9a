package dev.kausal.statistics

import kotlin.math.abs
import kotlin.math.sqrt

/**
 * A value placed among random ones: how rare is one as far out as this, if it came about as they did?
 *
 * Centre and scale of each cell come of all values, the placed one included. So nothing tells it from a draw but its size,
 * and if it is exchangeable with them, p is below any level no more often than the level says: it is a Monte Carlo
 * permutation test (Phipson and Smyth 2010), with the largest statistic over cells as its family-wise correction.
 *
 * @property single p of each cell for itself
 * @property familyWise p of each cell, corrected for looking at all
 * @property asFar per cell, the draws that lie at least as far out
 */
public class RankAmongDraws private constructor(
    public val single: List<Double>,
    public val familyWise: List<Double>,
    public val asFar: List<Int>,
) {
    public companion object {
        /** Values whose distances differ by less than this share of the scale are equally far, and count against an effect. */
        public const val TIE: Double = 1e-3

        /** Places [value], [cell], among [draws], [draw, cell]. */
        public fun of(
            value: List<Double>,
            draws: List<List<Double>>,
        ): RankAmongDraws {
            require(draws.isNotEmpty()) { "no draws to be placed among" }
            require(draws.all { it.size == value.size }) { "draws differ from the value in their number of cells" }
            val distances = value.indices.map { cell -> distances(listOf(value[cell]) + draws.map { it[cell] }) }
            val asFar = distances.map { its -> its.drop(1).count { it >= its[0] - TIE } }
            val farthest = draws.indices.map { draw -> distances.maxOfOrNull { it[draw + 1] } ?: 0.0 }
            return RankAmongDraws(
                single = asFar.map { share(it, draws.size) },
                familyWise = distances.map { its -> share(farthest.count { it >= its[0] - TIE }, draws.size) },
                asFar = asFar,
            )
        }

        /** Distances from the mean in standard deviations; all 0 if nothing differs. */
        private fun distances(all: List<Double>): List<Double> {
            val mean = all.average()
            val deviation = sqrt(all.sumOf { (it - mean) * (it - mean) } / all.size)
            // What is smaller than the rounding of its own sum is no spread.
            val none = deviation <= ROUNDING * all.maxOf { abs(it) }
            return all.map { if (none) 0.0 else abs(it - mean) / deviation }
        }

        private fun share(
            count: Int,
            draws: Int,
        ): Double = (1.0 + count) / (1 + draws)

        private const val ROUNDING = 1e-12
    }
}
