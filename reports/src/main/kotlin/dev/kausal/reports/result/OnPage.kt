package dev.kausal.reports.result

import dev.kausal.bundle.Bundle
import dev.kausal.reports.words.listed
import dev.kausal.spec.CellLayout
import dev.kausal.spec.Numbers
import dev.kausal.spec.Result
import java.util.Locale
import kotlin.math.abs

/**
 * Maximum number of blocks of all large results together: for attention between tokens, and for results drawn cell by
 * cell.
 */
private const val MOST_OF_TOKENS = 100_000
private const val MOST_OF_OTHERS = 24_000

/** Maximum number of edges of one result. */
private const val MOST_EDGES = 400

/** Maximum number of blocks of one result, on two or more axes, and on one. */
private const val MOST_OF_ONE = 12_000
private const val MOST_ON_A_LINE = 2_000

/**
 * Returns the bundle as shown on a page: results in files of arrays are divided into blocks, with a note, so that the
 * page stays below three megabytes.
 */
internal fun onPage(bundle: Bundle): Bundle {
    val all = bundle.results.results.map { if (it.kind.layout == CellLayout.Edges) ofStrongest(it) else it }
    val large = all.count { it.arrays != null }
    val shown = all.map { if (it.arrays == null) it else inBlocks(it, large) }
    return bundle.copy(results = bundle.results.copy(results = shown))
}

/** Returns the bundle with exact values in place of estimates where cells were computed. */
internal fun withExact(bundle: Bundle): Bundle =
    bundle.copy(results = bundle.results.copy(results = bundle.results.results.map(::withExact)))

/**
 * Returns an estimated result with the exact values of the cells that were computed, without intervals there, and a note. Normalised
 * values and sizes without a sign stay estimates.
 */
private fun withExact(result: Result): Result {
    val exact = result.exact ?: return result
    val cells = exactCells(result).ifEmpty { return result }

    fun replaced(
        all: List<Double?>,
        by: (Int) -> Double?,
    ) = Numbers.of(all.size) { cell -> if (cell in cells) by(cell) else all[cell] }
    val change = result.change
    return result.copy(
        perExample = result.perExample.zip(exact) { row, own -> Numbers.of(row.size) { own[it] ?: row[it] } },
        mean = replaced(result.mean) { cell -> exact.mapNotNull { it[cell] }.average() },
        ciLow = replaced(result.ciLow) { null },
        ciHigh = replaced(result.ciHigh) { null },
        change =
            change?.copy(
                mean = replaced(change.mean) { cells.getValue(it) },
                ciLow = replaced(change.ciLow) { null },
                ciHigh = replaced(change.ciHigh) { null },
            ),
        notes =
            result.notes + (
                "The page shows exact values of the ${cells.size} cells that were computed, and estimates of the " +
                    "others."
            ),
    )
}

/** Returns the cells of an estimated result that a page shows with exact values, with their exact changes. */
internal fun exactCells(result: Result): Map<Int, Double> {
    val screening = result.screening ?: return emptyMap()
    if (result.plain != null || result.arrays != null || result.estimate?.unsigned == true) return emptyMap()
    val cells = screening.top + screening.sampled
    return cells.zip(screening.exact).mapNotNull { (cell, exact) -> exact?.let { cell to it } }.toMap()
}

/** Returns a result with its strongest cells alone, in their order, and a note if there are more. */
private fun ofStrongest(result: Result): Result {
    val means = result.mean
    if (means.size <= MOST_EDGES) return result
    val chosen = means.indices.sortedByDescending { abs(means[it] ?: 0.0) }.take(MOST_EDGES).sorted()

    fun of(all: List<Double?>) = if (all.isEmpty()) all else chosen.map { all[it] }
    val axis = result.axes.single().let { axis -> axis.copy(labels = chosen.map { axis.labels[it] }) }
    return result.copy(
        axes = listOf(axis),
        shape = listOf(chosen.size),
        perExample = result.perExample.map(::of),
        mean = of(means),
        ciLow = of(result.ciLow),
        ciHigh = of(result.ciHigh),
        arrays = null,
        notes =
            result.notes + (
                "The page shows the ${chosen.size} edges with the largest effect; all ${means.size} are in " +
                    "${result.arrays?.file ?: "results.json"}."
            ),
    )
}

private fun inBlocks(
    result: Result,
    large: Int,
): Result {
    val names = result.axes.map { it.name }
    val where = "All ${"%,d".format(Locale.ROOT, result.numbers)} numbers are in ${result.arrays!!.file}."
    // Maps of images are drawn as images, and only a few of them.
    val divisible = if (names.takeLast(2) == listOf("row", "column")) null else divisible(names)
    val most =
        when {
            ofTokens(names) -> MOST_OF_TOKENS / large
            names.size > 1 -> minOf(MOST_OF_ONE, MOST_OF_OTHERS / large)
            else -> MOST_ON_A_LINE
        }
    val widths = divisible?.let { Blocks.widths(result.axes.map { axis -> axis.labels.size }, it, most) }
    if (widths == null || widths.all { it == 1 }) return result.copy(notes = result.notes + where)
    val mean = Blocks(Numbers.of(result.mean), result.axes, widths)
    val axes = mean.ends()
    return result.copy(
        axes = axes,
        shape = axes.map { it.labels.size },
        perExample = result.perExample.map { row ->
            if (result.perExample.size == 1) mean else Blocks(Numbers.of(row), result.axes, widths)
        },
        mean = mean,
        notes = result.notes + "${divided(mean)} $where",
    )
}

/** Returns which axes may be divided: layers and heads only if nothing else can be. */
internal fun divisible(names: List<String>): List<Boolean> =
    if (ofTokens(names)) {
        names.map { it == "query" || it == "key" }
    } else {
        val apart = names.map { it == "layer" || it == "head" }
        if (apart.all { it }) names.map { true } else apart.map { !it }
    }

private fun ofTokens(names: List<String>) =
    names.size in 3..4 && names.first() == "layer" && names.takeLast(2) == listOf("query", "key")

private fun divided(blocks: Blocks): String {
    val sides = blocks.axes.indices.filter { blocks.widths[it] > 1 }
    val size = listed(sides.map { "${blocks.widths[it]} along ${blocks.axes[it].name}" })
    return "The figure, and the CSV that the page gives, show blocks of numbers, $size: of each, the number " +
        "furthest from 0."
}
