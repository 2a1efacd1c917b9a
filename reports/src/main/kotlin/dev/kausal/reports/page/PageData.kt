package dev.kausal.reports.page

import dev.kausal.reports.figure.MOST_TABLES
import dev.kausal.reports.figure.Plane
import dev.kausal.reports.figure.Ranking
import dev.kausal.reports.figure.byText
import dev.kausal.reports.figure.isClustered
import dev.kausal.reports.figure.isOfTokens
import dev.kausal.reports.result.Grid
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.shownToken
import dev.kausal.spec.FigureKind
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import kotlinx.serialization.Serializable
import kotlinx.serialization.builtins.ListSerializer
import kotlinx.serialization.json.Json
import java.math.BigDecimal
import java.math.MathContext
import java.math.RoundingMode

/** Digits of the numbers on a page; all of them are in `results.json`. */
private val PRECISION = MathContext(5, RoundingMode.HALF_EVEN)

/** Most values of single examples that a page carries, and most of one result. */
private const val MOST_VALUES = 300_000
private const val MOST_OF_ONE = 60_000

/** Most cells of a result that a page carries; larger ones are drawn, and their numbers are in `results.json` alone. */
private const val MOST_CARRIED = 200_000

/** Whether a page carries the numbers of [result], so that its figures can be asked. */
internal fun isCarried(result: Result): Boolean = result.mean.size <= MOST_CARRIED

/**
 * What the page's script has to know of a figure beyond the numbers of its result.
 *
 * @property number of the figure
 * @property result name of the result
 * @property view what draws it: `heatmap`, `bars`, `attention`, `lens`, `patches`, `plain` where every
 *   mark is a cell, or `still` where none can be asked
 * @property labels what the result's axes' places are called, for a reader
 * @property metric what is measured, in words
 * @property centre value without an effect
 * @property reach how far the colours go to both sides of it
 * @property base the unedited run that a bar starts from; null where bars start from 0
 * @property width cells in a row of a heat map
 * @property zero where bars start, and [unit] how long one of value 1 is, in pixels
 * @property tokens each example's own at the rows of a heat map; null where rows are not positions
 */
@Serializable
internal data class FigureData(
    val number: Int,
    val result: String,
    val view: String,
    val labels: List<List<String>>,
    val metric: String,
    val centre: Double,
    val reach: Double = 0.0,
    val base: String? = null,
    val width: Int = 0,
    val zero: Double = 0.0,
    val unit: Double = 0.0,
    val tokens: List<List<String>>? = null,
)

/** The data of a figure that shows [grid] as [kind]. */
internal fun figureData(
    number: Int,
    kind: FigureKind,
    grid: Grid,
): FigureData {
    val plain = FigureData(
        number = number,
        result = grid.result.name,
        view = "plain",
        labels = grid.axes.indices.map { grid.labels(it) },
        metric = metricWords(grid.measure),
        centre = rounded(grid.centre),
        base = grid.run.takeIf { grid.ofEditedRuns && !grid.isRecovery },
    )
    if (grid.isEmpty || grid.axes.isEmpty()) return plain
    if (kind in PATTERNS && isOfTokens(grid)) return plain.copy(view = if (isOneText(grid)) "attention" else "still")
    if (isClustered(grid)) return plain.copy(view = "still")
    return when (kind) {
        FigureKind.Heatmap -> Plane.of(grid).let {
            plain.copy(view = "heatmap", reach = it.reach, width = it.width, tokens = tokens(it))
        }

        FigureKind.Bars -> Ranking(grid).let { plain.copy(view = "bars", zero = it.zero, unit = it.unit) }

        FigureKind.Attention -> plain.copy(view = "attention")

        FigureKind.Table -> plain.copy(view = "lens")

        FigureKind.ImageMap -> plain.copy(view = "patches")

        FigureKind.Lines -> plain
    }
}

/** Kinds that draw tokens looking at tokens as attention. */
private val PATTERNS = setOf(FigureKind.Heatmap, FigureKind.Attention)

/** Whether heads are drawn, of one text or of the mean over texts of one template. */
private fun isOneText(grid: Grid): Boolean = grid.sizes.size == 4 && grid.sizes[1] > 1 && byText(grid).size == 1

/** The tokens of every example's prompt, where the rows of [plane] are their positions. */
private fun tokens(plane: Plane): List<List<String>>? {
    val grid = plane.grid
    if (grid.axes[plane.down].name != "position") return null
    val prompts = grid.result.examples.indices.map { grid.prompt(it) ?: return null }
    return prompts.map { prompt -> prompt.tokens.map { shownToken(it) } }.takeIf { all ->
        all.all {
            it.size ==
                plane.height
        }
    }
}

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
        results.copy(results = all.map { carried(it, kept.getValue(it.name)) }),
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
        pCorrected = round(result.pCorrected),
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

private fun rounded(value: Double): Double = BigDecimal(value).round(PRECISION).toDouble()
