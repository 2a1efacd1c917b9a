package dev.kausal.reports.page

import dev.kausal.reports.figure.FigureData
import dev.kausal.reports.figure.MOST_TABLES
import dev.kausal.reports.figure.rounded
import dev.kausal.reports.result.tooFew
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import kotlinx.serialization.builtins.ListSerializer
import kotlinx.serialization.json.Json

/** Most values of single examples that a page carries, and most of one result. */
private const val MOST_VALUES = 300_000
private const val MOST_OF_ONE = 120_000

/** Most cells of a result that a page carries; larger ones are drawn, and their numbers are in `results.json` alone. */
private const val MOST_CARRIED = 200_000

/** Whether a page carries the numbers of [result], so that its figures can be asked. */
internal fun isCarried(result: Result): Boolean = result.mean.size <= MOST_CARRIED

/** The results as the page carries them: in the form of `results.json`, rounded, and no more than a page can hold. */
internal fun numbersJson(results: Results): String {
    var room = MOST_VALUES
    val all = results.results.filter(::isCarried)
    val order = all.sortedBy { it.mean.size.toLong() * it.perExample.size }
    val kept = order.associate { result ->
        val most = minOf(room, MOST_OF_ONE) / result.mean.size.coerceAtLeast(1)
        val rows = result.perExample.take(most)
        room -= rows.size * result.mean.size
        result.name to rows
    }
    return Json.encodeToString(
        Results.serializer(),
        results.copy(results = all.map { carried(it, kept.getValue(it.name)) }, missingBlanks = emptyList()),
    )
}

/** The figures' data as JSON. */
internal fun figuresJson(figures: List<FigureData>): String =
    Json.encodeToString(ListSerializer(FigureData.serializer()), figures)

private fun carried(
    result: Result,
    rows: List<List<Double?>>,
): Result =
    result.copy(
        perExample = rows.map { round(it) },
        plain = null,
        baseline = result.baseline.mapValues { round(it.value) },
        mean = round(result.mean),
        ciLow = round(result.ciLow),
        ciHigh = round(result.ciHigh),
        pValue = round(result.pValue),
        pCorrected = if (result.inference?.let(::tooFew) == null) round(result.pCorrected) else emptyList(),
        median = emptyList(),
        standardError = emptyList(),
        change = result.change?.let {
            it.copy(
                mean = round(it.mean),
                standardError = emptyList(),
                ciLow = round(it.ciLow),
                ciHigh = round(it.ciHigh),
            )
        },
        effect = emptyList(),
        top = result.top?.take(MOST_TABLES)?.map { cells ->
            cells.map { likely -> likely.map { it.copy(probability = rounded(it.probability)) } }
        },
        groups = null,
        cellAudit = null,
        controls = emptyList(),
        notes = emptyList(),
        randomSets = null,
        pairs = null,
    )

private fun round(values: List<Double?>): List<Double?> = values.map { value ->
    value?.takeIf { it.isFinite() }?.let(::rounded)
}
