package dev.kausal.reports.page

import dev.kausal.reports.figure.FigureData
import dev.kausal.reports.figure.rounded
import dev.kausal.reports.figure.tablesOf
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.untestable
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.LikelyToken
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import kotlinx.serialization.builtins.ListSerializer
import kotlinx.serialization.json.Json

/** Maximum number of values of single examples on a page, and of one result. */
private const val MOST_VALUES = 300_000
private const val MOST_OF_ONE = 120_000

/** Results with more cells are drawn, but the page omits their numbers, which are in `results.json`. */
private const val MOST_CARRIED = 200_000

/** Maximum number of likely tokens per logit lens on a page. */
private const val MOST_LIKELY = 40_000

/** Returns whether a page includes the numbers of [result], so that its figures can be queried. */
internal fun isCarried(result: Result): Boolean = result.mean.size <= MOST_CARRIED

/** Returns the results for the page: in the format of `results.json`, rounded and truncated to fit. */
internal fun numbersJson(
    results: Results,
    spec: ExperimentSpec,
): String {
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
        results.copy(
            results = all.map { carried(it, kept.getValue(it.name), untestable(ResultGrid(it, spec)) != null) },
            missingBlanks = emptyList(),
        ),
    )
}

/** Returns the figures' data as JSON. */
internal fun figuresJson(figures: List<FigureData>): String =
    Json.encodeToString(ListSerializer(FigureData.serializer()), figures)

private fun carried(
    result: Result,
    rows: List<List<Double?>>,
    untested: Boolean,
): Result =
    result.copy(
        perExample = rows.map { round(it) },
        arrays = null,
        exact = null,
        screening = null,
        plain = null,
        baseline = result.baseline.mapValues { round(it.value) },
        mean = round(result.mean),
        ciLow = round(result.ciLow),
        ciHigh = round(result.ciHigh),
        pValue = round(result.pValue),
        pCorrected = if (untested) emptyList() else round(result.pCorrected),
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
        top = result.top?.let { likely(it, result.mean.size) },
        groups = null,
        cellAudit = null,
        controls = emptyList(),
        notes = emptyList(),
        randomSets = null,
        pairs = null,
        edges = null,
        circuit = null,
        texts = null,
    )

/** Returns the likely tokens of the tables on the page, fewer per cell if there are many cells. */
private fun likely(
    top: List<List<List<LikelyToken>>>,
    cells: Int,
): List<List<List<LikelyToken>>> {
    val tables = tablesOf(cells)
    if (cells > MOST_LIKELY) return emptyList()
    val each = (MOST_LIKELY / (tables * cells.coerceAtLeast(1))).coerceAtLeast(1)
    return top.take(tables).map { table ->
        table.map { likely -> likely.take(each).map { it.copy(probability = rounded(it.probability)) } }
    }
}

private fun round(values: List<Double?>): List<Double?> = values.map { value ->
    value?.takeIf { it.isFinite() }?.let(::rounded)
}
