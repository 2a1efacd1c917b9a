package dev.kausal.reports.figure

import dev.kausal.reports.result.Grid
import dev.kausal.reports.words.metricWords
import dev.kausal.spec.FigureKind
import dev.kausal.spec.ValueRange
import kotlinx.serialization.Serializable
import java.math.BigDecimal
import java.math.MathContext
import java.math.RoundingMode

/** Digits of the numbers on a page; all of them are in `results.json`. */
private val PRECISION = MathContext(5, RoundingMode.HALF_EVEN)

/**
 * A figure's data for the page's script, beyond the numbers of its result.
 *
 * @property number of the figure
 * @property result name of the result
 * @property view what draws it: the [View.script], `plain` if every mark is a cell, or `still` if none can be asked
 * @property labels what the places of the result's axes are called, for a reader
 * @property metric what is measured, in words
 * @property centre value without an effect
 * @property reach how far the colours go to both sides of it
 * @property low the least value that there can be, and [high] the largest; null if there is none
 * @property base the unedited run that a bar starts from; null where bars start from 0
 * @property width cells in a row of a heat map
 * @property zero where bars start, and [unit] how long one of value 1 is, in pixels
 * @property tokens each example's own at the rows of a heat map; null if rows are not positions
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
    val low: Double? = null,
    val high: Double? = null,
    val base: String? = null,
    val width: Int = 0,
    val zero: Double = 0.0,
    val unit: Double = 0.0,
    val tokens: List<List<String>>? = null,
) {
    /** The same on a scale that ends with [range]. */
    fun within(range: ValueRange): FigureData =
        copy(low = range.low.takeIf { it.isFinite() }, high = range.high.takeIf { it.isFinite() })
}

/** Returns the data of a figure that shows [grid] as [kind]. */
internal fun figureData(
    number: Int,
    kind: FigureKind,
    grid: Grid,
): FigureData {
    val plain = FigureData(
        number = number,
        result = grid.result.name,
        view = PLAIN,
        labels = grid.axes.indices.map { grid.labels(it) },
        metric = metricWords(grid.measure),
        centre = rounded(grid.centre),
        base = grid.run.takeIf { grid.ofEditedRuns && !grid.isRecovery },
    )
    if (grid.isEmpty || grid.axes.isEmpty()) return plain
    return if (isClustered(grid)) plain.copy(view = STILL) else Views.of(kind, grid).data(grid, plain)
}

/** Every mark is a cell. */
internal const val PLAIN: String = "plain"

/** Nothing can be asked of the figure. */
internal const val STILL: String = "still"

internal fun rounded(value: Double): Double = BigDecimal(value).round(PRECISION).toDouble()
