package dev.kausal.statistics

import org.apache.commons.statistics.distribution.TDistribution
import kotlin.math.abs
import kotlin.math.sqrt

/**
 * Agreement of two rankings of the same cells by the size of their means.
 *
 * @property raw Spearman's correlation, attenuated by noise in either ranking
 * @property corrected correlation expected with unlimited examples; null if a ranking is too unreliable, or there are
 *   too few clusters
 * @property interval interval of [corrected]
 * @property ceilings split-half reliability of each ranking between halves of the clusters; null if unknown
 */
public class RankAgreement internal constructor(
    public val raw: Double?,
    public val corrected: Double?,
    public val interval: Interval?,
    public val ceilings: Pair<Double, Double>?,
) {
    public companion object {
        /** Minimum split-half reliability for a correction. */
        public const val LEAST: Double = 0.2

        /**
         * Returns the agreement of [a] with [b]. Clusters with the same label hold the same examples.
         *
         * Halves of the clusters are ranked separately (Spearman 1904): one ranking's half against the other's
         * complementary half, which shares no example, divided by the root of the product of the rankings' own
         * split-half correlations. The interval is the jackknife's, over groups of clusters, widened by half of the
         * correction on either side, because noise lowers ranks less evenly than the correction assumes; simulations
         * (`bench/results/statistics.md`) find it off by up to 0.4 of it.
         */
        public fun of(
            a: Sample,
            b: Sample,
            level: Double,
            seed: Long,
        ): RankAgreement {
            require(a.cells == b.cells) { "rankings of different lengths: ${a.cells} and ${b.cells} cells" }
            val raw = RankCorrelation.of(sizes(a) { true }, sizes(b) { true })
            val labels = (a.labels + b.labels).distinct()
            if (minOf(a.clusters, b.clusters) < Studentised.FEWEST) return RankAgreement(raw, null, null, null)
            val halves = SplitHalves(a, b, labels, seed)
            val all = halves.of { true } ?: return RankAgreement(raw, null, null, null)
            val ceilings = all.first to all.second
            val corrected = all.corrected ?: return RankAgreement(raw, null, null, ceilings)
            val interval = halves.errorOf(level)?.let { reach ->
                val wide = reach + HALF * abs(corrected - all.across)
                Interval(maxOf(-1.0, corrected - wide), minOf(1.0, corrected + wide))
            }
            return RankAgreement(raw, corrected.coerceIn(-1.0, 1.0), interval, ceilings)
        }

        private fun sizes(
            sample: Sample,
            counts: (Any) -> Boolean,
        ): List<Double?> {
            val sums = DoubleArray(sample.cells)
            val numbers = DoubleArray(sample.cells)
            for (cluster in sample.sums.indices) {
                if (!counts(sample.labels[cluster])) continue
                for (cell in sums.indices) {
                    sums[cell] += sample.sums[cluster][cell]
                    numbers[cell] += sample.counts[cluster][cell]
                }
            }
            return List(sample.cells) { if (numbers[it] == 0.0) null else abs(sums[it] / numbers[it]) }
        }

        private const val HALF = 0.5
        private const val SPLITS = 50
        private const val GROUPS = 20
    }

    /** Mean correlations over splits: between rankings and halves, and between the halves of each ranking. */
    private class Correlations(
        val across: Double,
        val first: Double,
        val second: Double,
    ) {
        val corrected: Double? = if (first < LEAST || second < LEAST) null else across / sqrt(first * second)
    }

    private class SplitHalves(
        private val a: Sample,
        private val b: Sample,
        private val labels: List<Any>,
        seed: Long,
    ) {
        private val random = generator(seed)
        private val splits = List(SPLITS) { shuffled().take(labels.size / 2).toSet() }
        private val groups = minOf(GROUPS, labels.size)
        private val groupOf = shuffled().mapIndexed { index, label -> label to index % groups }.toMap()

        /** Shuffles by Fisher and Yates: the same result everywhere for the same seed. */
        private fun shuffled(): List<Any> {
            val mixed = labels.toMutableList()
            for (i in mixed.lastIndex downTo 1) {
                val other = random.nextInt(i + 1)
                mixed[i] = mixed[other].also { mixed[other] = mixed[i] }
            }
            return mixed
        }

        /** Computes the correlations over the clusters that [keeps] accepts. */
        fun of(keeps: (Any) -> Boolean): Correlations? {
            val found = splits.mapNotNull { half -> split(half, keeps) }
            if (found.isEmpty()) return null
            return Correlations(
                found.sumOf { it.across } / found.size,
                found.sumOf { it.first } / found.size,
                found.sumOf { it.second } / found.size,
            )
        }

        private fun split(
            half: Set<Any>,
            keeps: (Any) -> Boolean,
        ): Correlations? {
            val a1 = sizes(a) { it in half && keeps(it) }
            val a2 = sizes(a) { it !in half && keeps(it) }
            val b1 = sizes(b) { it in half && keeps(it) }
            val b2 = sizes(b) { it !in half && keeps(it) }
            val crossed = listOfNotNull(RankCorrelation.of(a1, b2), RankCorrelation.of(a2, b1))
            if (crossed.isEmpty()) return null
            return Correlations(
                crossed.average(),
                RankCorrelation.of(a1, a2) ?: return null,
                RankCorrelation.of(b1, b2) ?: return null,
            )
        }

        /**
         * Returns the half-width of the jackknife interval of [level], leaving out each group of clusters in turn; null
         * if one is undefined.
         */
        fun errorOf(level: Double): Double? {
            val left = List(groups) { group -> of { groupOf[it] != group }?.corrected ?: return null }
            val mean = left.average()
            val error = sqrt(left.sumOf { (it - mean) * (it - mean) } * (groups - 1) / groups)
            return TDistribution.of(groups - 1.0).inverseSurvivalProbability((1 - level) / 2) * error
        }
    }
}
