package dev.kausal.reports.page

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.caution
import dev.kausal.reports.stories.RestoredLayers
import dev.kausal.reports.stories.controlWords
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.typographic
import dev.kausal.spec.ControlKind
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.Grouping
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.blankText
import dev.kausal.spec.missingBlankText
import dev.kausal.spec.words

/** Returns statements on how far all results of a page can be trusted: controls and samples. */
internal fun certainty(grids: List<ResultGrid>): List<String> = listOfNotNull(controls(grids), samples(grids))

/** Returns statements on what the results of a page do not show: kinds of edit, selection, notes that several share. */
internal fun limits(
    grids: List<ResultGrid>,
    shared: SharedText,
): List<String> =
    listOfNotNull(meaning(grids), selection(grids), shuffled(grids)) + shared.notes().map(::typographic)

private fun samples(grids: List<ResultGrid>): String? {
    val results = grids.map { it.result }
    val sizes =
        grids
            .mapNotNull { grid ->
                grid.result.inference?.let { Triple(grid.result.examples.size, it.clusters, it.by) to grid.result.name }
            }
            .groupBy({ it.first }, { it.second })
            .map { (size, names) ->
                val (examples, clusters, by) = size
                val apart = if (by == Grouping.Example) "" else " of ${count(clusters, by.words)}"
                names to "${count(examples, "example")}$apart"
            }
            .sortedByDescending { (names, _) -> names.size }
    if (sizes.isEmpty()) return null
    val (names, most) = sizes.first()
    val main = namesOf(names, results).takeIf { names.size <= MOST_NAMES }
        ?: if (names.size == results.size) "all results" else "${names.size} of ${results.size} results"
    val others = sizes.drop(1).map { (its, size) -> "${listed(its)} on $size" }
    return "Samples: ${(listOf("$main on $most") + others).joinToString("; ")}."
}

private fun controls(grids: List<ResultGrid>): String? {
    val results = grids.map { it.result }
    val known = results.sumOf { result -> result.controls.count { it.passed != null } }
    if (known == 0) return null
    val all = if (known == 1) "The one control" else "All $known controls"
    return failedControls(results) ?: "$all with a known outcome passed."
}

/** Returns a sentence on the failed controls of [results], by kind and result; null if none failed. */
public fun failedControls(results: List<Result>): String? {
    val known = results.flatMap { result -> result.controls.filter { it.passed != null }.map { result.name to it } }
    val failed = known.filter { (_, control) -> control.passed == false }
    if (failed.isEmpty()) return null
    val which = failed.map { (result, control) -> "${controlWords(control.kind)} in $result" }
    return "${failed.size} of ${count(known.size, "control")} failed: ${listed(which)}. Do not trust these results."
}

/** Describes blanks that may be wrong before answers, and their effect, by set; null if there are none. */
public fun missingBlanks(
    spec: ExperimentSpec,
    results: Results,
): String? {
    val missing =
        results.missingBlanks.groupBy { it.contrasts }.map { (set, all) -> missingBlankText(spec.shown(set), all) }
    return (missing + spec.contrasts.mapNotNull(::blankText)).ifEmpty { null }?.joinToString(" ")
}

/** Describes the limits of the kinds of edit on the page. */
private fun meaning(grids: List<ResultGrid>): String? =
    grids
        .filter { it.analysis is SweepSpec }
        .map { it.editKind }
        .distinct()
        .sorted()
        .mapNotNull(::caution)
        .takeIf { it.isNotEmpty() }
        ?.joinToString(" ")

private fun selection(grids: List<ResultGrid>): String? {
    if (grids.none { it.ofEditedRuns && it.cells > 1 && it.result.inference != null }) return null
    return "The largest effects are selected for size: expect smaller ones on new examples." +
        if (grids.any { RestoredLayers.of(it) != null }) " $TRACES" else ""
}

private fun shuffled(grids: List<ResultGrid>): String? {
    val any = grids.any { grid -> grid.result.controls.any { it.kind == ControlKind.ShuffledPairing } }
    return if (any) "A patch from another example also removes the foil's fact." else null
}

/** Maximum number of results of one sample that are named. */
private const val MOST_NAMES = 3

/** True of every model, so no sentence on a single result states it. */
private const val TRACES =
    "In any model, the changed words restore the answer at the first layer, and the position that is read at the " +
        "last; a trace is informative in the layers between."
