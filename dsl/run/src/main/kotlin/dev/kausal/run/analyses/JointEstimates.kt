package dev.kausal.run.analyses

import dev.kausal.run.inference.meanGap
import dev.kausal.spec.ChoosingSplit
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.Correction
import dev.kausal.spec.Grouping
import dev.kausal.spec.InferenceSpec
import dev.kausal.spec.Inferred
import dev.kausal.spec.JointAblationSpec
import dev.kausal.spec.RandomSets
import dev.kausal.spec.RandomSetsOfSize
import dev.kausal.spec.Result
import dev.kausal.spec.group
import dev.kausal.statistics.RankAmongDraws
import dev.kausal.statistics.Sample
import org.apache.commons.statistics.distribution.TDistribution
import kotlin.math.abs
import kotlin.math.sqrt

/**
 * The changes by chosen and random heads, over splits and examples.
 *
 * An example's value is the mean over the splits that measure it; a result's value is the mean over examples. Chosen
 * and random sets are treated alike, so that a ranking no better than a random order is one more draw.
 *
 * @param examples number of examples measured in any split
 * @param values changes by [split, example of the split, size, set], the chosen set first
 * @param possible per size, the number of different possible draws
 */
internal class JointEstimates(
    private val spec: JointAblationSpec,
    private val sizes: List<Int>,
    examples: Int,
    splits: List<ChoosingSplit>,
    private val values: List<List<List<List<Double?>>>>,
    private val possible: List<Double>,
) {
    private val sets = 1 + spec.draws

    /** Mean over an example's splits [example, size, set]. */
    private val perExample: List<List<List<Double?>>> = perExample(examples, splits)
    private val splits =
        splits.mapIndexed { split, part -> part.copy(changes = sizes.indices.map { ofSplit(split, it, 0) }) }

    /** Values [example, size and set of [SETS]]. */
    val rows: List<List<Double?>> =
        perExample.map { bySize ->
            bySize.flatMap { row ->
                val random = row.drop(1).mean()
                listOf(row[0], random, minus(row[0], random))
            }
        }

    /** Means over the examples [size, set]; null if a set has none. */
    private val means = sizes.indices.map { size -> List(sets) { set -> perExample.map { it[size][set] }.mean() } }
    private val placed: RankAmongDraws? = placed()

    private fun perExample(
        examples: Int,
        splits: List<ChoosingSplit>,
    ): List<List<List<Double?>>> {
        val measuredIn = List(examples) { mutableListOf<List<List<Double?>>>() }
        splits.zip(values) { split, rows -> split.measured.zip(rows) { example, row -> measuredIn[example] += row } }
        return measuredIn.map { parts ->
            sizes.indices.map { size -> List(sets) { set -> parts.map { it[size][set] }.mean() } }
        }
    }

    private fun ofSplit(
        split: Int,
        size: Int,
        set: Int,
    ): Double? = values[split].map { it[size][set] }.mean()

    private fun placed(): RankAmongDraws? {
        val all = means.map { row -> row.map { it ?: return null } }
        if (all.isEmpty()) return null
        return RankAmongDraws.of(all.map { it[0] }, List(spec.draws) { draw -> all.map { it[draw + 1] } })
    }

    /** Compares the chosen sets with the random ones; null if there is nothing to compare. */
    fun randomSets(): RandomSets? {
        val ranks = placed ?: return null
        val bySize =
            sizes.mapIndexed { i, size ->
                val all = means[i].map { it!! }
                RandomSetsOfSize(size, all[0], all.drop(1), ranks.asFar[i], possible[i])
            }
        return RandomSets(spec.draws, spec.among, splits, bySize)
    }

    /** Returns [result] with errors, intervals and p according to [inference]; [contrasts] are its examples. */
    fun inferred(
        result: Result,
        contrasts: List<ContrastSpec>,
        inference: InferenceSpec,
    ): Result {
        val sample = Sample(rows, contrasts.map { it.group(inference.clusters) })
        val cells = result.mean.indices
        val errors = cells.map { error(sample, it) }
        val reach = errors.map { it?.let { error -> error.size * quantile(inference.level, error.freedom) } }
        val corrected =
            when (inference.correction) {
                Correction.FamilyWise -> placed?.familyWise

                // False discoveries are corrected over all results of the report, in acrossResults.
                Correction.BenjaminiHochberg, Correction.None -> placed?.single
            }
        val by = if (sample.clusters == rows.size) Grouping.Example else inference.clusters
        return result.copy(
            median = cells.map { sample.median(it) },
            standardError = errors.map { it?.size },
            ciLow = cells.map { minus(result.mean[it], reach[it]) },
            ciHigh = cells.map { cell -> reach[cell]?.let { result.mean[cell]?.plus(it) } },
            pValue = cells.map { onlyDifference(it, placed?.single) },
            pCorrected = cells.map { onlyDifference(it, corrected) },
            smallest = meanGap(result.baseline)?.let { inference.smallest * abs(it) },
            notes = result.notes + listOfNotNull(NO_INTERVAL.takeIf { sample.clusters < FEWEST_CLUSTERS }),
            inference =
                Inferred(
                    inference.level,
                    inference.interval,
                    sample.clusters,
                    by,
                    spec.draws,
                    false,
                    inference.correction,
                ),
        )
    }

    /** Returns the p of the size that [cell] belongs to, if it is a difference: nothing else is tested. */
    private fun onlyDifference(
        cell: Int,
        bySize: List<Double>?,
    ): Double? = if (cell % SETS.size == DIFFERENCE) bySize?.get(cell / SETS.size) else null

    private class Error(
        val size: Double,
        val freedom: Double,
    )

    /**
     * Returns the standard error of a cell: examples differ, splits choose different heads, and random sets are few.
     * Null if there are too few examples or splits.
     */
    private fun error(
        sample: Sample,
        cell: Int,
    ): Error? {
        val clusters = sample.clustersWith(cell)
        val examples = sample.standardError(cell)
        if (examples == null || clusters < FEWEST_CLUSTERS || splits.size < 2) return null
        val (size, column) = cell / SETS.size to cell % SETS.size
        val bySplit = splits.indices.map { split -> ofSplit(split, size, column) { it.drop(1).mean() } ?: return null }
        val between = deviation(bySplit) / sqrt(splits.size.toDouble())
        val random = means[size].drop(1).filterNotNull()
        val drawn = if (column == CHOSEN) 0.0 else deviation(random) / sqrt(spec.draws.toDouble())
        val parts = listOf(examples to clusters - 1, between to splits.size - 1, drawn to spec.draws - 1)
        val variance = parts.sumOf { (error) -> error * error }
        if (variance == 0.0) return Error(0.0, clusters - 1.0)
        // Satterthwaite's degrees of freedom of a sum of variances.
        val freedom = variance * variance / parts.sumOf { (error, df) -> error * error * error * error / df }
        return Error(sqrt(variance), freedom)
    }

    private fun ofSplit(
        split: Int,
        size: Int,
        column: Int,
        random: (List<Double?>) -> Double?,
    ): Double? =
        values[split].map { row ->
            when (column) {
                CHOSEN -> row[size][0]
                DIFFERENCE -> minus(row[size][0], random(row[size]))
                else -> random(row[size])
            }
        }.mean()

    companion object {
        /** Labels of the axis `set`. */
        val SETS: List<String> = listOf("chosen", "random", "chosen - random")
        private const val CHOSEN = 0
        private const val DIFFERENCE = 2

        /** With fewer clusters, 95 % intervals of skewed changes covered the truth in only 90 % of simulations. */
        private const val FEWEST_CLUSTERS = 16

        /** Why a result with fewer clusters has no intervals. */
        const val NO_INTERVAL: String =
            "No intervals: with fewer than $FEWEST_CLUSTERS independent examples, none holds the truth as often as it says."

        private fun List<Double?>.mean(): Double? = filterNotNull().takeIf { it.isNotEmpty() }?.average()

        private fun minus(
            a: Double?,
            b: Double?,
        ): Double? = if (a == null || b == null) null else a - b

        private fun deviation(values: List<Double>): Double {
            val mean = values.average()
            return sqrt(values.sumOf { (it - mean) * (it - mean) } / (values.size - 1))
        }

        private fun quantile(
            level: Double,
            freedom: Double,
        ): Double = TDistribution.of(freedom).inverseSurvivalProbability((1 - level) / 2)
    }
}
