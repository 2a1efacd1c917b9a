package dev.kausal.run.inference

import dev.kausal.run.inputs.Seeds
import dev.kausal.spec.Change
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.Correction
import dev.kausal.spec.Grouping
import dev.kausal.spec.InferenceSpec
import dev.kausal.spec.Inferred
import dev.kausal.spec.IntervalKind
import dev.kausal.spec.NumberList
import dev.kausal.spec.Numbers
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.ValueRange
import dev.kausal.statistics.Bootstrap
import dev.kausal.statistics.Draws
import dev.kausal.statistics.Interval
import dev.kausal.statistics.IntervalMethod
import dev.kausal.statistics.Ratio
import dev.kausal.statistics.Ratios
import dev.kausal.statistics.Rounding
import dev.kausal.statistics.Sample
import dev.kausal.statistics.Shares
import dev.kausal.statistics.SignFlips
import dev.kausal.statistics.Studentised
import dev.kausal.statistics.StudentisedResult
import kotlin.math.abs

/** Adds intervals, tests and effects to a result. Same seed, same numbers. */
internal class Inference(
    private val spec: InferenceSpec,
    private val seed: Long,
) {
    /** Level of intervals; p below the rest of 1 is significant. */
    val level: Double get() = spec.level

    /**
     * The terms of recoveries, in the units of the plain metric.
     *
     * @property changes changes from the corrupted (or noised) run [example, cell]; null if an example is excluded
     * @property gaps clean minus corrupted run, null in the same places
     */
    class Recovered(
        val changes: List<NumberList>,
        val gaps: List<NumberList>,
    )

    /**
     * Returns [result] with medians, errors, intervals, p and effects.
     *
     * @param contrasts one per example
     * @param unedited value without an edit [example, cell]; null if it is 0
     * @param scale clean minus corrupted run of each example, in the units of the result; null if there is none
     * @param recovered terms of the ratios in the cells; null if each cell is a mean
     * @param explained total to explain, in the units of the effect, of which the smallest effect of interest is a
     *   share; null for the mean of the clean run
     * @param tested which cells are tested
     * @param range possible means, which ends of intervals do not exceed
     */
    fun of(
        result: Result,
        contrasts: List<ContrastSpec>,
        unedited: List<List<Double?>>? = null,
        scale: List<Double?>? = null,
        recovered: Recovered? = null,
        explained: Double? = null,
        tested: (Int) -> Boolean = { true },
        range: ValueRange = ValueRange.ANY,
    ): Result {
        val clusters = Clusters(contrasts, spec.clusters)
        val own = Seeds.resampling(seed, result.name)
        val draws = Draws.of(clusters.labels.distinct().size, spec.resamples, own)
        val numbers = ClusteredNumbers(result, clusters, draws, unedited, recovered)
        val found = numbers.of(numbers.effects, tested)
        val flips = SignFlips.test(only(numbers.effects.numerators, tested), spec.flips, own + 1)
        val single = larger(found.single, flips.single)
        val intervals = numbers.intervals(found)
        return result.copy(
            median = Numbers.of(result.mean.size) { numbers.sample.median(it) },
            standardError = numbers.errors(numbers.values),
            ciLow = Numbers.of(intervals.size) { intervals[it]?.low?.coerceAtLeast(range.low) },
            ciHigh = Numbers.of(intervals.size) { intervals[it]?.high?.coerceAtMost(range.high) },
            pValue = single,
            pCorrected =
                when (spec.correction) {
                    Correction.FamilyWise -> larger(found.familyWise, flips.familyWise)

                    // False discoveries are corrected over all results of the report, in acrossResults.
                    Correction.BenjaminiHochberg, Correction.None -> single
                },
            change = if (unedited == null) null else numbers.change(found),
            effect = scaled(numbers, scale.takeIf { unedited != null }),
            smallest = smallest(explained ?: cleanMean(result)).takeIf { single.any { p -> p != null } },
            inference = inferred(numbers, flips.flips, flips.exact),
            notes = result.notes + clusters.notes + warnings(clusters.labels),
        )
    }

    private fun scaled(
        numbers: ClusteredNumbers,
        scale: List<Double?>?,
    ): List<Double?> = scale?.let { Ratios.ofMeans(numbers.effects.numerators, it) }.orEmpty()

    /** Returns the smallest effect of interest if [explained] is the total to explain. */
    private fun smallest(explained: Double?): Double? = explained?.let { spec.smallest * abs(it) }

    /** Returns an interval for the mean of [values], one per example; null if there is none. */
    fun interval(
        name: String,
        values: List<Double?>,
        contrasts: List<ContrastSpec>,
    ): Interval? {
        val clusters = Clusters(contrasts, spec.clusters)
        val draws = Draws.of(clusters.labels.distinct().size, spec.resamples, Seeds.resampling(seed, name))
        val result = measured(name, ResultKind.Sweep, "", emptyList(), emptyList(), values.map { listOf(it) })
        val numbers = ClusteredNumbers(result, clusters, draws, null, null)
        return numbers.intervals(numbers.of(numbers.values) { false }).single()
    }

    /** The numbers of one result, clustered. */
    private inner class ClusteredNumbers(
        result: Result,
        private val clusters: Clusters,
        private val draws: Draws,
        unedited: List<List<Double?>>?,
        recovered: Recovered?,
    ) {
        val sample = Sample(result.perExample, clusters.labels)
        private val plain = result.plain ?: result.perExample
        private val floor = result.rounding?.floor

        /** The quantity whose mean and interval are computed. */
        val values = if (recovered == null) Ratio(sample) else ratio(recovered)

        /** The tested quantity: changes, or values if 0 means no effect. */
        val effects =
            when {
                recovered != null -> values
                unedited == null -> Ratio(Rounding.removed(sample, plain, floor))
                else -> Ratio(Rounding.removed(sample.with(differences(result.perExample, unedited)), plain, floor))
            }

        /** Values of the examples that have a 1 in some cell. */
        private val withHits = sample.values.filter { row -> recovered == null && row.any { it == 1.0 } }

        /** Whether each cell is a share. Judged by its values, since results of any kind may hold shares. */
        private val shares =
            result.mean.indices.map { cell -> recovered == null && Shares.isShare(sample, cell) && varies(cell) }
        val allShares: Boolean get() = shares.isNotEmpty() && shares.all { it }
        val size: Int get() = sample.clusters
        val also: List<Grouping> get() = clusters.also

        private fun ratio(recovered: Recovered): Ratio {
            val changes = Rounding.removed(sample.with(recovered.changes), plain, floor)
            return Ratio(changes, sample.with(recovered.gaps))
        }

        /**
         * Returns whether some example that has [cell] has a 1 in any cell: a cell that is always 0 is a share only if
         * others vary.
         */
        private fun varies(cell: Int) = withHits.any { row -> row[cell] != null }

        private fun wider(ratio: Ratio): List<Double> =
            DoubleArray(ratio.cells) { clusters.dependence?.widening(ratio, it) ?: 1.0 }.asList()

        fun of(
            ratio: Ratio,
            tested: (Int) -> Boolean,
        ): StudentisedResult = Studentised.of(ratio, draws, spec.level, wider(ratio), tested)

        fun errors(ratio: Ratio): List<Double?> =
            wider(ratio).let { wider -> Numbers.of(wider.size) { ratio.standardError(it)?.times(wider[it]) } }

        /** Returns the intervals of the values; [found] is the result for the effects. */
        fun intervals(found: StudentisedResult): List<Interval?> {
            val own = intervals(values, if (values === effects) found else null)
            if (shares.none { it }) return own
            return own.mapIndexed { cell, interval ->
                if (shares[cell]) Shares.interval(sample, cell, spec.level) else interval
            }
        }

        private fun intervals(
            ratio: Ratio,
            found: StudentisedResult?,
        ): List<Interval?> =
            when (spec.interval) {
                IntervalKind.Studentised -> (found ?: of(ratio) { false }).intervals

                IntervalKind.Percentile -> Bootstrap.intervals(ratio, draws, spec.level, IntervalMethod.Percentile)

                IntervalKind.BiasCorrected -> Bootstrap.intervals(
                    ratio,
                    draws,
                    spec.level,
                    IntervalMethod.BiasCorrected,
                )
            }

        fun change(found: StudentisedResult): Change {
            val changes = effects.numerators
            val own = intervals(effects, found)

            fun interval(cell: Int): Interval? {
                val differ = shares[cell] && Shares.isDifference(changes, cell)
                return if (differ) Shares.differenceInterval(changes, cell, spec.level) else own[cell]
            }
            return Change(
                Numbers.of(effects.cells) { effects.value(it) },
                errors(effects),
                Numbers.of(effects.cells) { interval(it)?.low },
                Numbers.of(effects.cells) { interval(it)?.high },
            )
        }
    }

    private fun cleanMean(result: Result): Double? =
        result.baseline["clean"]?.filterNotNull()?.takeIf { it.isNotEmpty() }?.average()

    private fun only(
        sample: Sample,
        tested: (Int) -> Boolean,
    ): Sample =
        if ((0 until sample.cells).all(tested)) {
            sample
        } else {
            sample.with(
                sample.values.map { row -> Numbers.of(row.size) { cell -> row[cell].takeIf { tested(cell) } } },
            )
        }

    /**
     * Returns the larger p: a finding has to pass both tests, one valid for symmetric values of any tail, the other for
     * skewed ones.
     */
    private fun larger(
        a: List<Double?>,
        b: List<Double?>,
    ): List<Double?> = both(a, b) { p, q -> maxOf(p, q) }

    private fun differences(
        values: List<List<Double?>>,
        from: List<List<Double?>>,
    ) = values.zip(from) { row, base -> both(row, base) { a, b -> a - b } }

    /** Returns [of] both numbers where there are two. */
    private fun both(
        first: List<Double?>,
        second: List<Double?>,
        of: (Double, Double) -> Double,
    ): List<Double?> = Numbers.of(first.size) { i -> first[i]?.let { a -> second[i]?.let { b -> of(a, b) } } }

    private fun inferred(
        numbers: ClusteredNumbers,
        flips: Int,
        exact: Boolean,
    ): Inferred {
        val by = if (numbers.size == numbers.sample.values.size) Grouping.Example else spec.clusters
        return Inferred(
            level = spec.level,
            interval = spec.interval,
            clusters = numbers.size,
            by = by,
            flips = flips,
            exact = exact,
            correction = spec.correction,
            also = numbers.also.toList(),
            share = numbers.allShares,
        )
    }
}
