package dev.kausal.statistics

import kotlin.math.abs
import kotlin.math.sqrt

/**
 * A value ranked among random ones: how rare is a value this far out, if it was generated like them?
 *
 * Centre and scale of each cell are taken over all values, including the ranked one, so that it differs from a draw
 * only in size. If it is exchangeable with the draws, p is valid at every level: a Monte Carlo permutation test
 * (Phipson and Smyth 2010), with the largest statistic over cells for the family-wise correction.
 *
 * @property single p of each cell alone
 * @property familyWise p of each cell, corrected for all cells
 * @property asFar per cell, number of draws at least as far out
 */
public class RankAmongDraws private constructor(
    public val single: List<Double>,
    public val familyWise: List<Double>,
    public val asFar: List<Int>,
) {
    public companion object {
        /** Values whose distances differ by less than this share of the scale are ties, and count against an effect. */
        public const val TIE: Double = 1e-3

        /** Ranks [value], [cell], among [draws], [draw, cell]. */
        public fun of(
            value: List<Double>,
            draws: List<List<Double>>,
        ): RankAmongDraws {
            require(draws.isNotEmpty()) { "ranking a value needs at least one draw" }
            require(draws.all { it.size == value.size }) { "draws differ from the value in their number of cells" }
            val distances = value.indices.map { cell -> distances(listOf(value[cell]) + draws.map { it[cell] }) }
            val asFar = distances.map { row -> row.drop(1).count { it >= row[0] - TIE } }
            val farthest = draws.indices.map { draw -> distances.maxOfOrNull { it[draw + 1] } ?: 0.0 }
            return RankAmongDraws(
                single = asFar.map { share(it, draws.size) },
                familyWise = distances.map { row -> share(farthest.count { it >= row[0] - TIE }, draws.size) },
                asFar = asFar,
            )
        }

        /** Returns distances from the mean in standard deviations; all 0 if nothing differs. */
        private fun distances(all: List<Double>): List<Double> {
            val mean = all.average()
            val deviation = sqrt(all.sumOf { (it - mean) * (it - mean) } / all.size)
            // A spread below the rounding error of its own sum counts as 0.
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
