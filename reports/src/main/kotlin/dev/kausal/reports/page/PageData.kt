package dev.kausal.reports.page

import dev.kausal.reports.figure.FigureData
import dev.kausal.reports.figure.rounded
import dev.kausal.reports.figure.tablesOf
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.untestable
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.LikelyToken
import dev.kausal.spec.Numbers
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import kotlinx.serialization.builtins.ListSerializer
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject

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
    figures: List<Figure> = emptyList(),
): String {
    var room = MOST_VALUES
    val all = results.results.filter(::isCarried)
    val shown = all.associate { it.name to shown(it, figures) }
    val order = all.sortedBy { shown.getValue(it.name).count.toLong() * it.perExample.size }
    val kept = order.associate { result ->
        val cells = shown.getValue(result.name).count
        val rows = result.perExample.take(minOf(room, MOST_OF_ONE) / cells)
        room -= rows.size * cells
        result.name to rows
    }
    val carried = all.map { result ->
        val numbers = carried(result, kept.getValue(result.name), untestable(ResultGrid(result, spec)) != null)
        packed(numbers, shown.getValue(result.name))
    }
    return Json.encodeToString(JsonObject.serializer(), JsonObject(mapOf("results" to JsonArray(carried))))
}

/** Returns the cells of [result] whose numbers the page carries; of attention, which has no mark for each, all. */
private fun shown(
    result: Result,
    figures: List<Figure>,
): Shown {
    val own = figures.filter { it.grid?.result?.name == result.name }
    val size = result.mean.size
    return if (own.any { it.drawsAll }) Shown.all(size) else Shown.inDrawings(size, own.mapNotNull { it.drawing })
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

private fun round(values: List<Double?>): List<Double?> =
    Numbers.of(values.size) { i -> values[i]?.takeIf { it.isFinite() }?.let(::rounded) }
