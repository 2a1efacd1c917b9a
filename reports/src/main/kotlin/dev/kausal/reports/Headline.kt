package dev.kausal.reports

import dev.kausal.spec.Grouping
import dev.kausal.spec.Inferred
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.ValueSpec
import kotlin.math.abs

/** With fewer independent examples, no assignment of signs is rarer than [CLAIM]. */
internal const val FEWEST = 6

/** The few numbers of a result that matter, in a sentence or two: what the summary says of it. */
internal fun headline(grid: Grid): String =
    when (grid.result.kind) {
        "sweep" -> sweepHeadline(grid)
        "jointAblation" -> jointHeadline(grid)
        "behaviour" -> behaviourHeadline(grid)
        "rankCorrelation" -> rankHeadline(grid)
        "directLogitAttribution" -> attributionHeadline(grid)
        else -> findings(grid).firstOrNull().orEmpty()
    }

/** Cells that differ from no effect. */
internal fun found(grid: Grid): List<Int> =
    (0 until grid.cells).filter { (grid.result.pCorrected.getOrNull(it) ?: 1.0) < CLAIM }

/** Why no test of [inferred] can come out, whatever the effect; null where one can. */
internal fun tooFew(inferred: Inferred): String? {
    if (inferred.clusters >= FEWEST) return null
    if (inferred.clusters < 2) return "n = 1: nothing can be tested"
    return "n = ${inferred.clusters}: too few for any test, whose p could not be below " +
        number(2.0 / (1 shl inferred.clusters))
}

private fun sweepHeadline(grid: Grid): String {
    val inferred = grid.result.inference
    val top = if (grid.isRecovery) grid.highest else grid.strongest.firstOrNull()
    if (top == null || inferred == null) return findings(grid).joinToString(" ")
    val where = grid.words(top).ifEmpty { "the edit" }.replaceFirstChar { it.uppercase() }
    val what = metricWords(grid.result.metric.removePrefix("recovery(").removeSuffix(")"))
    val value = number(grid.effect(top)) + evidence(grid, top)
    val effects = found(grid)
    val few = tooFew(inferred)
    if (few == null && effects.isEmpty()) {
        return "No effect found in any of ${count(grid.cells, "cell")}; the largest, $value, is at " +
            "${grid.words(top).ifEmpty { "the only one" }}."
    }
    val does = if (grid.isRecovery) "$where restores $value of the $what" else "$where changes the $what by $value"
    val many = if (few == null) "${effects.size} of ${count(grid.cells, "cell")} have an effect" else few
    return "$does; $many."
}

/** Interval, p and sample of a cell, in brackets. */
private fun evidence(
    grid: Grid,
    cell: Int,
): String {
    val interval = grid.interval(cell)?.let { (low, high) -> "${number(low)} to ${number(high)}" }
    val p = grid.result.pCorrected.getOrNull(cell)?.let(::pWords)
    val n = grid.result.inference?.let { "n = ${it.clusters}" }
    return listOfNotNull(interval, p, n).joinToString("; ", " (", ")")
}

/** `p = 0.012`, `p < 0.001`. */
internal fun pWords(p: Double): String = if (p < 0.001) "p < 0.001" else "p = ${number(p)}"

private fun attributionHeadline(grid: Grid): String {
    val first =
        grid.strongest.take(3).map { cell ->
            val interval = grid.interval(cell)?.let { (low, high) -> " (${number(low)} to ${number(high)})" }.orEmpty()
            "${grid.labels(0)[cell]} ${signed(grid.mean(cell)!!)}$interval"
        }
    val total = grid.baseline(grid.run)?.let { " of ${number(it)}" }.orEmpty()
    return "Most of the logit difference is written by ${listed(first)}$total."
}

/** As few heads as make at least half of the largest difference from random ones. */
private fun jointHeadline(grid: Grid): String {
    val sizes = grid.axes[0].labels
    if (sizes.isEmpty()) return "The ranking has too few heads to remove any beside as many random ones."
    val differences = sizes.indices.map { abs(grid.mean(grid.index(listOf(it, 2))) ?: 0.0) }
    val effects = sizes.indices.filter { (grid.result.pCorrected.getOrNull(grid.index(listOf(it, 2))) ?: 1.0) < CLAIM }
    val most = effects.ifEmpty { sizes.indices.toList() }.maxBy { differences[it] }
    if (effects.isEmpty()) {
        val few = grid.result.inference?.let(::tooFew)
        val verdict =
            if (few == null) {
                "No effect found: chosen heads do no more than random ones"
            } else {
                "Whether chosen heads do more than random ones cannot be told ($few)"
            }
        return "$verdict. At most, ${beside(grid, most)}."
    }
    val first = effects.first { differences[it] >= differences[most] / 2 }
    val largest = "the largest difference, ${number(grid.mean(grid.index(listOf(most, 2))))}, is with ${sizes[most]}"
    return beside(grid, first).replaceFirstChar { it.uppercase() } + if (first == most) "." else "; $largest."
}

/** What removing the chosen heads does, beside as many random ones. */
private fun beside(
    grid: Grid,
    size: Int,
): String {
    val label = grid.axes[0].labels[size]
    val heads = if (label == "1") "1 head" else "$label heads"
    val (chosen, random, difference) = List(3) { grid.index(listOf(size, it)) }
    val what = metricWords(grid.result.metric.removePrefix("change of "))
    return "$heads chosen on other examples: ${change(grid, chosen)} in the $what; as many random ones: " +
        "${change(grid, random)}; difference ${number(grid.mean(difference))}${evidence(grid, difference)}"
}

private fun change(
    grid: Grid,
    cell: Int,
): String {
    val interval = grid.interval(cell)?.let { (low, high) -> " (${number(low)} to ${number(high)})" }.orEmpty()
    return grid.mean(cell)?.let { signed(it) + interval } ?: "not computed"
}

private fun rankHeadline(grid: Grid): String {
    val names = grid.axes[0].labels
    val pairs = names.indices.flatMap { i -> (i + 1 until names.size).map { j -> i to j } }
    val shown =
        pairs.map { (i, j) ->
            val cell = grid.index(listOf(i, j))
            val interval = grid.interval(cell)?.let { (low, high) -> " (${number(low)} to ${number(high)})" }.orEmpty()
            "${names[i]} and ${names[j]} ${number(grid.mean(cell))}$interval"
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
                val apart = if (by == Grouping.Example) "" else " of ${count(clusters, by.name.lowercase())}"
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

private fun meaning(grids: List<Grid>): String? {
    val (patched, changed) = grids.filter { it.analysis is SweepSpec }.partition { patches(it) }
    val both = patched.isNotEmpty() && changed.isNotEmpty()
    return when {
        both -> {
            "What a patch restores is sufficient, not needed; what an ablation takes away is needed, not sufficient, " +
                "and a part without effect may be stood in for by others."
        }

        patched.isNotEmpty() -> {
            "What a patch restores is sufficient, not needed; only an ablation can show need."
        }

        changed.isNotEmpty() -> {
            "What an ablation takes away is needed, not sufficient; a part without effect may be stood in for " +
                "by others."
        }

        else -> {
            null
        }
    }
}

/** Whether every edit of a sweep puts the clean run's activations into another. */
internal fun patches(grid: Grid): Boolean {
    val values = (grid.analysis as? SweepSpec)?.cells.orEmpty().flatMap { cell -> cell.edits.map { it.value } }
    return values.isNotEmpty() && values.all { it is ValueSpec.From }
}

private fun selection(grids: List<Grid>): String? {
    if (grids.none { it.result.kind == "sweep" && it.cells > 1 && it.result.inference != null }) return null
    return "A largest cell is named because it is large: on new examples expect a little less."
}
