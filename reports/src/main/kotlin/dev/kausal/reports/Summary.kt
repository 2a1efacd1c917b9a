package dev.kausal.reports

import kotlin.math.abs
import kotlin.math.max

/** What the numbers of a result say, in sentences written from them. */
internal fun findings(grid: Grid): List<String> {
    if (grid.strongest.isEmpty()) return listOf("No value of ${grid.result.name} was computed.")
    if (isClustered(grid)) return listOf(specialisationFinding(grid))
    if (ofPatches(grid)) return mapFindings(grid)
    return when (grid.result.kind) {
        "directLogitAttribution" -> attributionFindings(grid)
        "attention" -> listOfNotNull(textFinding(grid))
        "rollout" -> listOfNotNull(if (isOfTokens(grid)) textFinding(grid) else strongestFinding(grid))
        "logitLens" -> listOfNotNull(lensFinding(grid) ?: strongestFinding(grid))
        "sweep" -> listOf(sweepFinding(grid))
        "mapAgreement" -> listOf(agreementFinding(grid))
        "debugPrediction" -> listOf(debugFinding(grid))
        "watch" -> grid.result.notes.take(1)
        "jointAblation", "behaviour", "rankCorrelation" -> listOf(headline(grid))
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
        grid.result.metric.removePrefix("change of ").removePrefix("recovery(").removeSuffix(")")
    }

private fun sweepFinding(grid: Grid): String {
    if (!grid.isRecovery) return changeFinding(grid)
    val best = grid.highest!!
    val value = grid.mean(best)!!
    val what = metricWords(grid.result.metric.removePrefix("recovery(").removeSuffix(")"))
    val place = place(grid, best)
    return if (value > 0) {
        "$place recovers the most $what: ${number(value)}, where 1 is the clean run and 0 the ${grid.floor} one."
    } else {
        "No cell recovers any of the $what; the highest, ${place.replaceFirstChar {
            it.lowercase()
        }}, is ${number(value)}."
    }
}

private fun changeFinding(grid: Grid): String {
    val cell = grid.strongest.first()
    val value = grid.mean(cell)!!
    val change = value - grid.centre
    val what = metricWords(grid.result.metric)
    val verb = if (change < 0) "lowers" else "raises"
    if (change == 0.0) return "No edit changes the $what."
    return "${place(grid, cell)} matters most: the edit $verb the $what by ${number(abs(change))}, " +
        "from ${number(grid.centre)} to ${number(value)}."
}

private fun place(
    grid: Grid,
    cell: Int,
): String = if (grid.axes.isEmpty()) "The edit" else grid.words(cell).replaceFirstChar { it.uppercase() }

private fun strongestFinding(grid: Grid): String {
    val cell = grid.strongest.first()
    return "The largest value, ${number(grid.mean(cell))}, is at ${grid.words(cell).ifEmpty { "its only cell" }}."
}

private fun attributionFindings(grid: Grid): List<String> {
    val first = grid.strongest.take(3).map { "${label(grid, it)} (${signed(grid.mean(it)!!)})" }
    val sum = grid.strongest.sumOf { grid.mean(it)!! }
    val head = "The components that write most on the logit difference are ${listed(first)}."
    val total = grid.baseline(grid.run)
        ?: return listOf(head, "All ${count(grid.strongest.size, "component")} sum to ${number(sum)}.")
    val gap = abs(sum - total)
    val close = gap <= 1e-2 * max(1.0, abs(total))
    val verdict = if (close) {
        "which is the ${grid.run} run's logit difference, ${number(total)}, ${within(gap)}."
    } else {
        "but the ${grid.run} run's logit difference is ${number(total)}: the shares are off by ${number(gap)}."
    }
    return listOf(head, "All ${count(grid.strongest.size, "component")} sum to ${number(sum)}, $verdict")
}

private fun within(gap: Double): String = if (gap < 1e-6) "up to rounding" else "to within ${number(gap, 6)}"

private fun label(
    grid: Grid,
    cell: Int,
): String = if (grid.axes.size == 1) grid.labels(0)[cell] else grid.words(cell)

/** The sharpest look; of texts that differ, that of the first. */
private fun textFinding(grid: Grid): String? {
    if (!isOfTokens(grid)) return attentionFinding(grid)
    val texts = byText(grid)
    val found = attentionFinding(withHeads(texts.first())) ?: return null
    return if (texts.size == 1) found else "$found This is of \u201c${texts.first().exampleName(0)}\u201d."
}

/** The cell of the sharpest look of one token at another; the first token is left out, since idle heads look there. */
internal fun sharpestLook(grid: Grid): Int? {
    val filled = (0 until grid.cells).filter { grid.mean(it) != null }
    return filled.filter { telling(grid, it) }.ifEmpty { filled }.maxByOrNull { grid.mean(it)!! }
}

private fun telling(
    grid: Grid,
    cell: Int,
): Boolean = grid.place(cell).let { it[3] != 0 && it[2] != it[3] }

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

/** From which layer on the last position's likeliest token is the answer, on the first example. */
private fun lensFinding(grid: Grid): String? {
    val cells = grid.result.top?.firstOrNull() ?: return null
    val contrast = grid.set?.contrasts?.firstOrNull() ?: return null
    val layer = grid.axes.indexOfFirst { it.name == "layer" }
    if (grid.axes.size != 2 || layer < 0) return null
    val last = (grid.sizes[1 - layer] - 1 downTo 0).firstOrNull { at ->
        !cells.getOrNull(grid.index(if (layer == 0) listOf(0, at) else listOf(at, 0))).isNullOrEmpty()
    } ?: return null
    val tokens = List(grid.sizes[layer]) { l ->
        cells.getOrNull(grid.index(if (layer == 0) listOf(l, last) else listOf(last, l)))?.firstOrNull()?.token
    }
    val answer = contrast.answer?.text ?: return null
    val settled = tokens.indices.reversed().takeWhile { tokens[it] == answer }.lastOrNull()
    val example = if (grid.result.examples.size > 1) " (first example)" else ""
    return if (settled == null) {
        "At the last position the model's final guess is \u201c${shownToken(tokens.last().orEmpty())}\u201d, not the " +
            "answer \u201c${shownToken(answer)}\u201d$example."
    } else {
        "At the last position the answer \u201c${shownToken(answer)}\u201d is the likeliest token from layer " +
            "${grid.labels(layer)[settled]} on$example."
    }
}
