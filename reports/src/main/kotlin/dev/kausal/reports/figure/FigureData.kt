package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.metricWords
import dev.kausal.spec.FigureKind
import dev.kausal.spec.ValueRange
import kotlinx.serialization.Serializable
import java.math.BigDecimal
import java.math.MathContext
import java.math.RoundingMode

/** Significant digits of the numbers on a page; `results.json` has all of them. */
private val PRECISION = MathContext(5, RoundingMode.HALF_EVEN)

/**
 * A figure's data for the page's script, besides the numbers of its result.
 *
 * @property number figure number
 * @property result name of the result
 * @property view the script that updates it ([View.script]), `plain` if every mark is a cell, or `still` if it is
 *   static
 * @property set displayed name of the set of its examples; positions are compared within a set
 * @property labels displayed labels of the result's axes
 * @property metric the metric in words
 * @property centre value without an effect
 * @property reach half-width of the colour scale around it
 * @property low smallest possible value, and [high] the largest; null if unbounded
 * @property base the unedited run at which bars start; null if they start at 0
 * @property width cells per row of a heat map
 * @property zero position where bars start, and [unit] length of a bar of value 1, in pixels
 * @property total number of edges of which a graph shows some, and [edges] those that it can show, in their order
 * @property nodes facts on each node of a graph by its id, as lines; null if its edges say all
 * @property tokens each example's tokens at the rows of a heat map; null if rows are not positions
 */
@Serializable
internal data class FigureData(
    val number: Int,
    val result: String,
    val view: String,
    val set: String? = null,
    val labels: List<List<String>>,
    val metric: String,
    val centre: Double,
    val reach: Double = 0.0,
    val low: Double? = null,
    val high: Double? = null,
    val base: String? = null,
    val width: Int = 0,
    val zero: Double = 0.0,
    val unit: Double = 0.0,
    val total: Int = 0,
    val edges: List<EdgeData>? = null,
    val nodes: Map<String, List<String>>? = null,
    val tokens: List<List<String>>? = null,
) {
    /** Returns the data with a scale limited to [range]. */
    fun within(range: ValueRange): FigureData =
        copy(low = range.low.takeIf { it.isFinite() }, high = range.high.takeIf { it.isFinite() })
}

/**
 * An edge of a graph.
 *
 * @property from id of the component that writes, and [to] of the one that reads
 * @property mean its effect; null if the page does not have it
 */
@Serializable
internal data class EdgeData(
    val name: String,
    val from: String,
    val to: String,
    val mean: Double? = null,
    val low: Double? = null,
    val high: Double? = null,
)

/** Returns the data of a figure that shows [grid] as [kind]. */
internal fun figureData(
    number: Int,
    kind: FigureKind,
    grid: ResultGrid,
    others: OtherResults = OtherResults.NONE,
): FigureData {
    val plain = FigureData(
        number = number,
        result = grid.result.name,
        view = PLAIN,
        set = grid.set?.shown,
        labels = grid.axes.indices.map { grid.labels(it) },
        metric = metricWords(grid.measure),
        centre = rounded(grid.centre),
        base = grid.run.takeIf { grid.ofEditedRuns && !grid.isRecovery },
    )
    if (grid.isEmpty || grid.axes.isEmpty()) return plain
    if (isClustered(grid)) return plain.copy(view = STILL)
    val view = Views.of(kind, grid)
    return view.data(grid, plain).copy(edges = view.edges(grid, others))
}

/** View of figures in which every mark is a cell. */
internal const val PLAIN: String = "plain"

/** View of static figures. */
internal const val STILL: String = "still"

internal fun rounded(value: Double): Double = BigDecimal(value).round(PRECISION).toDouble()
