package dev.kausal.reports

import dev.kausal.spec.Grouping
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.words
import kotlin.math.abs

/** The few numbers of a result that matter, in a sentence or two: what the summary says of it. */
internal fun headline(grid: Grid): String =
    when (grid.result.kind) {
        "sweep" -> sweepStory(grid)
        "jointAblation" -> jointHeadline(grid)
        "interaction" -> interactionHeadline(grid)
        "behaviour" -> behaviourHeadline(grid)
        "difference" -> differenceHeadline(grid)
        "rankCorrelation" -> rankHeadline(grid)
        "directLogitAttribution" -> AttributionStory.of(grid).orEmpty()
        else -> findings(grid).firstOrNull().orEmpty()
    }

private fun rankHeadline(grid: Grid): String {
    val names = grid.axes[0].labels
    val pairs = names.indices.flatMap { i -> (i + 1 until names.size).map { j -> i to j } }
    val shown =
        pairs.map { (i, j) ->
            val cell = grid.index(listOf(i, j))
            "${names[i]} and ${names[j]} ${number(grid.mean(cell))}${within(grid, cell)}"
        }
    return "How alike heads are ranked (1: the same order, 0: no relation): ${listed(shown)}."
}

/** What holds for all results of a page together: samples, controls, and what kinds of edit can show. */
internal fun readersNotes(grids: List<Grid>): List<String> =
    listOfNotNull(samples(grids), controls(grids), meaning(grids), selection(grids))

private fun samples(grids: List<Grid>): String? {
    val sizes =
        grids
            .mapNotNull { grid ->
                grid.result.inference?.let { Triple(grid.result.examples.size, it.clusters, it.by) to grid }
            }
            .groupBy({ it.first }, { it.second.result.name })
            .map { (size, names) ->
                val (examples, clusters, by) = size
                val apart = if (by == Grouping.Example) "" else " of ${count(clusters, by.words)}"
                "${listed(names)} on ${count(examples, "example")}$apart"
            }
    return if (sizes.isEmpty()) null else "Samples: ${sizes.joinToString("; ")}."
}

private fun controls(grids: List<Grid>): String? {
    val known = grids.flatMap { grid -> grid.result.controls.filter { it.passed != null }.map { grid to it } }
    if (known.isEmpty()) return null
    val failed = known.filter { it.second.passed == false }
    if (failed.isEmpty()) return "All ${known.size} controls with a known outcome came out as they must."
    val which = failed.map { (grid, its) -> "${controlWords(its.kind)} in ${grid.result.name}" }
    return "${failed.size} of ${known.size} controls failed: ${listed(which)}. Do not trust these results."
}

/** What the kinds of edit on the page can show, and what they cannot. */
private fun meaning(grids: List<Grid>): String? =
    grids
        .filter { it.analysis is SweepSpec }
        .map { it.editKind }
        .distinct()
        .sorted()
        .mapNotNull(::caution)
        .takeIf { it.isNotEmpty() }
        ?.joinToString(" ")

private fun selection(grids: List<Grid>): String? {
    if (grids.none { it.result.kind == "sweep" && it.cells > 1 && it.result.inference != null }) return null
    return "The largest effects are named because they are large: expect them to be somewhat smaller on new examples." +
        if (grids.any { TraceStory.of(it) != null }) " $TRACES" else ""
}

/** Holds of every model, so it is said of none. */
private const val TRACES =
    "That the changed words restore the answer at the first layer, and the position that is read at the last, is so " +
        "in any model: what a trace tells is up to which layer, and from which."
