package dev.kausal.compile

import dev.kausal.spec.Change
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.Correction
import dev.kausal.spec.Grouping
import dev.kausal.spec.InferenceSpec
import dev.kausal.spec.Inferred
import dev.kausal.spec.IntervalKind
import dev.kausal.spec.Result
import dev.kausal.spec.group
import dev.kausal.statistics.Bootstrap
import dev.kausal.statistics.Draws
import dev.kausal.statistics.Interval
import dev.kausal.statistics.IntervalMethod
import dev.kausal.statistics.Ratios
import dev.kausal.statistics.Rounding
import dev.kausal.statistics.Sample
import dev.kausal.statistics.SignFlips
import dev.kausal.statistics.benjaminiHochberg
import java.util.Locale

/** Adds to a result what its examples say about others. Same seed, same numbers. */
internal class Inference(
    private val spec: InferenceSpec,
    private val seed: Long,
) {
    /**
     * [result] with medians, errors, intervals, p and effects.
     *
     * @param contrasts one per example
     * @param unedited the value without an edit, [example, cell]; null where it is 0
     * @param scale clean minus corrupted run of each example, in the units of the result; null where it has none
     * @param tested which cells are tested at all
     */
    fun of(
        result: Result,
        contrasts: List<ContrastSpec>,
        unedited: List<List<Double?>>? = null,
        scale: List<Double?>? = null,
        tested: (Int) -> Boolean = { true },
    ): Result {
        val sample = Sample(result.perExample, contrasts.map { it.group(spec.clusters) })
        val own = seed * SPREAD + result.name.hashCode()
        val draws = Draws.of(sample.clusters, spec.resamples, own)
        val intervals = intervals(sample, draws)
        val changes = unedited?.let { sample.with(differences(result.perExample, it)) }
        val cells = result.mean.indices
        val larger = Rounding.removed(changes ?: sample, result.perExample)
        val flips = SignFlips.test(only(larger, tested), spec.flips, own + 1)
        return result.copy(
            median = cells.map { sample.median(it) },
            standardError = cells.map { sample.standardError(it) },
            ciLow = intervals.map { it?.low },
            ciHigh = intervals.map { it?.high },
            pValue = flips.single,
            pCorrected =
                when (spec.correction) {
                    Correction.FamilyWise -> flips.familyWise
                    Correction.BenjaminiHochberg -> benjaminiHochberg(flips.single)
                    Correction.None -> flips.single
                },
            change = changes?.let { change(it, draws) },
            effect = if (changes == null || scale == null) emptyList() else Ratios.ofMeans(changes, scale),
            inference = inferred(sample, flips.flips, flips.exact),
            notes = result.notes + warnings(sample.clusters),
        )
    }

    /** An interval for the mean of [values], one per example; null where it has none. */
    fun interval(
        name: String,
        values: List<Double?>,
        contrasts: List<ContrastSpec>,
    ): Interval? {
        val sample = Sample(values.map { listOf(it) }, contrasts.map { it.group(spec.clusters) })
        return intervals(sample, Draws.of(sample.clusters, spec.resamples, seed * SPREAD + name.hashCode())).single()
    }

    private fun only(
        sample: Sample,
        tested: (Int) -> Boolean,
    ): Sample =
        if ((0 until sample.cells).all(tested)) {
            sample
        } else {
            sample.with(sample.values.map { row -> row.mapIndexed { cell, value -> value.takeIf { tested(cell) } } })
        }

    private fun intervals(
        sample: Sample,
        draws: Draws,
    ): List<Interval?> = Bootstrap.intervals(sample, draws, spec.level, spec.interval.method)

    private fun differences(
        values: List<List<Double?>>,
        from: List<List<Double?>>,
    ) = values.zip(from) { row, base -> row.zip(base) { a, b -> if (a == null || b == null) null else a - b } }

    private fun change(
        changes: Sample,
        draws: Draws,
    ): Change {
        val intervals = intervals(changes, draws)
        val cells = 0 until changes.cells
        return Change(
            cells.map { changes.mean(it) },
            cells.map { changes.standardError(it) },
            intervals.map { it?.low },
            intervals.map { it?.high },
        )
    }

    private fun inferred(
        sample: Sample,
        flips: Int,
        exact: Boolean,
    ): Inferred {
        val by = if (sample.clusters == sample.values.size) Grouping.Example else spec.clusters
        return Inferred(spec.level, spec.interval, sample.clusters, by, flips, exact, spec.correction)
    }

    /** What the number of examples does not allow to claim. */
    private fun warnings(clusters: Int): List<String> {
        val few = "Only $clusters independent examples"
        return when {
            clusters < 2 -> listOf("One independent example: there is no interval, and no claim about others.")

            clusters < FEWEST -> listOf(
                "$few: no p can be below ${"%.3f".format(Locale.ROOT, 2.0 / (1 shl clusters))}.",
            )

            clusters < FEW -> listOf("$few: intervals of so few hold the truth less often than their level says.")

            else -> emptyList()
        }
    }

    private companion object {
        const val SPREAD = 1_000_003L

        /** With fewer clusters, no assignment of signs is rarer than 0.05. */
        const val FEWEST = 6

        /** With fewer, 95 % intervals of normal values hold the mean in 92 % of simulations or less. */
        const val FEW = 20
    }
}

internal val IntervalKind.method: IntervalMethod
    get() =
        when (this) {
            IntervalKind.Studentised -> IntervalMethod.BiasCorrected
            IntervalKind.Percentile -> IntervalMethod.Percentile
            IntervalKind.BiasCorrected -> IntervalMethod.BiasCorrected
        }
