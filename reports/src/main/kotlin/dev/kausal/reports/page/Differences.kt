package dev.kausal.reports.page

import dev.kausal.reports.result.CLAIM
import dev.kausal.reports.result.FEWEST
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.at
import dev.kausal.reports.words.count
import dev.kausal.reports.words.number
import dev.kausal.reports.words.signed
import dev.kausal.spec.Measure
import dev.kausal.spec.Numbers
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.group
import dev.kausal.statistics.Draws
import dev.kausal.statistics.Interval
import dev.kausal.statistics.Ratio
import dev.kausal.statistics.Rounding
import dev.kausal.statistics.Sample
import dev.kausal.statistics.SignFlips
import dev.kausal.statistics.Studentised
import kotlin.math.abs

private const val RESAMPLES = 2000
private const val FLIPS = 4999
private const val LEVEL = 0.95
private const val SHOWN = 3

/**
 * The differences between two bundles' results.
 *
 * @property sentences what is found, with intervals
 * @property grid the differences cell by cell, with intervals; null if the results cannot be subtracted
 */
internal class Differences(
    val sentences: List<String>,
    val grid: ResultGrid? = null,
)

/** Returns the differences between two bundles' results, of the examples that they share. */
internal fun differences(
    firstName: String,
    first: ResultGrid,
    otherName: String,
    other: ResultGrid,
): Differences {
    if (first.axes.map { it.labels.size } != other.axes.map { it.labels.size }) {
        return Differences(
            listOf(
                "$otherName and $firstName have different cells, so they are not subtracted.",
                relative(firstName, first, otherName, other),
            ),
        )
    }
    val shared = first.result.examples.toSet().intersect(other.result.examples.toSet()).toList()
    if (shared.size < 2) {
        return Differences(listOf("$otherName and $firstName share too few examples for a paired difference."))
    }
    val a = rows(first, shared)
    val b = rows(other, shared)
    val changes = a.zip(b) { x, y -> Numbers.of(x.size) { cell -> x[cell]?.let { y[cell]?.minus(it) } } }
    val groups = groups(first, shared)
    val sample = if (groups == null) Sample(changes) else Sample(changes, groups)
    val draws = Draws.of(sample.clusters, RESAMPLES, 0)
    val larger = Rounding.removed(sample, a + b)
    val found = Studentised.of(Ratio(larger), draws, LEVEL)
    val flips = SignFlips.test(larger, FLIPS, 0).familyWise
    val p = found.familyWise.zip(flips) { x, y -> if (x == null || y == null) null else maxOf(x, y) }
    val sentences = differing(firstName, otherName, first, sample, found.intervals, p)
    return Differences(sentences, subtracted(first, shared, larger, found.intervals))
}

/** Returns the differences in [sample], without those that may be rounding, as a result on the axes of [grid]. */
private fun subtracted(
    grid: ResultGrid,
    shared: List<String>,
    sample: Sample,
    intervals: List<Interval?>,
): ResultGrid {
    val told = sample.clusters >= FEWEST
    val result = Result(
        name = grid.result.name,
        kind = ResultKind.Difference,
        metric = grid.result.metric,
        axes = grid.axes,
        shape = grid.sizes,
        examples = shared,
        perExample = sample.values,
        mean = Numbers.of(grid.cells) { sample.mean(it) },
        ciLow = if (told) Numbers.of(intervals.size) { intervals[it]?.low } else emptyList(),
        ciHigh = if (told) Numbers.of(intervals.size) { intervals[it]?.high } else emptyList(),
    )
    return grid.with(result, Measure.DifferenceOf(grid.measure))
}

private fun differing(
    firstName: String,
    otherName: String,
    grid: ResultGrid,
    sample: Sample,
    intervals: List<Interval?>,
    p: List<Double?>,
): List<String> {
    val found = p.indices.filter { (p[it] ?: 1.0) < CLAIM }.sortedByDescending { abs(sample.mean(it) ?: 0.0) }
    val apart = if (sample.clusters < sample.values.size) " in ${count(sample.clusters, "group")}" else ""
    if (sample.clusters < FEWEST) {
        return listOf("$otherName and $firstName share ${count(sample.clusters, "example")}: too few for a test.")
    }
    val over = "${count(sample.values.size, "shared example")}$apart, corrected over cells"
    if (found.isEmpty()) {
        return listOf("No difference found between $otherName and $firstName at p < 0.05 ($over).")
    }
    val most =
        found.take(SHOWN).joinToString("; ") { cell ->
            val interval = intervals[cell]?.let { " (${number(it.low)} to ${number(it.high)})" }.orEmpty()
            "${grid.where(cell)} by ${signed(sample.mean(cell)!!)}$interval"
        }
    return listOf(
        "$otherName differs from $firstName in ${found.size} of ${count(grid.cells, "cell")} at p < 0.05 " +
            "($over): $most" +
            if (found.size > SHOWN) ", and others." else ".",
    )
}

/** Returns the clusters of examples from the bundle's own inference; null if it has none. */
private fun groups(
    grid: ResultGrid,
    shared: List<String>,
): List<String>? {
    val by = grid.result.inference?.by ?: return null
    val contrasts = grid.set?.contrasts.orEmpty().associateBy { it.label }
    return shared.map { contrasts[it]?.group(by) ?: it }
}

/** Returns the values of the examples named in [shared], in its order. */
private fun rows(
    grid: ResultGrid,
    shared: List<String>,
): List<List<Double?>> {
    val at = grid.result.examples.withIndex().associate { it.value to it.index }
    return shared.map { grid.result.perExample[at.getValue(it)] }
}

/** Compares the strongest cells of models of different depths. */
private fun relative(
    firstName: String,
    first: ResultGrid,
    otherName: String,
    other: ResultGrid,
): String {
    val places =
        listOf(firstName to first, otherName to other).mapNotNull { (name, grid) ->
            val layer = grid.axes.indexOfFirst { it.name == "layer" }
            val cell = grid.strongest.firstOrNull() ?: return@mapNotNull null
            if (layer < 0) return@mapNotNull null
            val depth = grid.place(cell)[layer].toDouble() / (grid.sizes[layer] - 1).coerceAtLeast(1)
            "of $name at ${grid.words(cell)}, ${number(100 * depth, 0)} % of its depth"
        }
    return if (places.size < 2) "" else "The strongest cell is ${places.joinToString(" and ")}."
}
