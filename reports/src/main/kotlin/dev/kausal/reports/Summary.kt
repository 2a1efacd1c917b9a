package dev.kausal.reports

import dev.kausal.spec.MetricSpec
import dev.kausal.spec.SweepSpec

/** What the numbers of a result say, in sentences written from them. */
internal fun findings(grid: Grid): List<String> {
    if (grid.isEmpty) return listOf("No value of ${grid.result.name} was computed.")
    if (isClustered(grid)) return listOf(specialisationFinding(grid))
    if (ofPatches(grid)) return mapFindings(grid)
    return when (grid.result.kind) {
        "directLogitAttribution" -> listOfNotNull(AttributionStory.of(grid), attributionSum(grid))
        "attention" -> listOfNotNull(textFinding(grid))
        "rollout" -> listOfNotNull(if (isOfTokens(grid)) textFinding(grid) else strongestFinding(grid))
        "logitLens" -> listOfNotNull(LensStory.of(grid) ?: strongestFinding(grid))
        "sweep" -> listOf(sweepStory(grid))
        "mapAgreement" -> listOf(agreementFinding(grid))
        "debugPrediction" -> listOf(debugFinding(grid))
        "watch" -> grid.result.notes.take(1)
        "jointAblation", "interaction", "behaviour", "difference", "rankCorrelation" -> listOf(headline(grid))
        else -> listOf(strongestFinding(grid))
    }
}

/** The metric of the unedited runs, where a result has it: `the clean run has 3.210`. */
internal fun baselineSentence(grid: Grid): String? {
    val runs = grid.result.baseline.keys.mapNotNull { name ->
        grid.baseline(name)?.let { "${number(it)} on the $name run" }
    }
    if (runs.isEmpty()) return null
    val plain = plainMetric(grid)
    val mean = if (grid.result.examples.size > 1) "mean " else ""
    return "Without an edit, the $mean${metricWords(plain)} is ${listed(runs)}."
}

/** What the unedited runs of a result are measured in. */
internal fun plainMetric(grid: Grid): String =
    if (grid.result.kind == "behaviour") {
        "logitDifference"
    } else {
        val metric = (grid.analysis as? SweepSpec)?.metric
        ((metric as? MetricSpec.Recovery)?.of ?: metric)?.text ?: grid.result.metric.removePrefix("change of ")
    }

private fun strongestFinding(grid: Grid): String {
    val cell = grid.strongestCell!!
    return "The largest value, ${number(grid.mean(cell))}, is at ${grid.words(cell).ifEmpty { "its only cell" }}."
}

/** The sharpest look; of texts that differ, that of the first. */
private fun textFinding(grid: Grid): String? {
    if (!isOfTokens(grid)) return attentionFinding(grid)
    val texts = byText(grid)
    val found = attentionFinding(withHeads(texts.first())) ?: return null
    return if (texts.size == 1) found else "$found This is of \u201c${texts.first().exampleName(0)}\u201d."
}

/** The cell of the sharpest look of one token at another; the first token is left out, since idle heads look there. */
internal fun sharpestLook(grid: Grid): Int? {
    return grid.cellOfMost { cell -> if (telling(grid, cell)) grid.mean(cell) else null } ?: grid.highest
}

private fun telling(
    grid: Grid,
    cell: Int,
): Boolean {
    val keys = grid.sizes[3]
    val key = cell % keys
    return key != 0 && key != cell / keys % grid.sizes[2]
}

private fun attentionFinding(grid: Grid): String? {
    if (grid.axes.size != 4) return strongestFinding(grid)
    val cell = sharpestLook(grid) ?: return null
    val (layer, head, query, key) = grid.place(cell)
    val from = shownToken(grid.axes[2].labels[query])
    val to = shownToken(grid.axes[3].labels[key])
    val aside = if (telling(grid, cell)) ", the first token and itself aside," else ""
    val who = grid.labels(1)[head].let { if (it == ALL_HEADS) "the mean over heads" else "head $it" }
    val where = grid.labels(0)[layer].let { if (it == ALL_HEADS) "over all layers" else "in layer $it" }
    return "The sharpest look$aside is of $who $where: position $query " +
        "($from) gives ${number(grid.mean(cell))} of its attention to position $key ($to)."
}
