package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.svg.Attribute
import dev.kausal.reports.svg.Markup
import dev.kausal.reports.svg.Palette
import dev.kausal.reports.svg.markup
import dev.kausal.reports.svg.paper
import dev.kausal.reports.svg.short
import dev.kausal.reports.svg.stroke
import dev.kausal.reports.svg.svg
import dev.kausal.reports.svg.svgText
import dev.kausal.reports.svg.tag
import dev.kausal.reports.svg.text
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.signed
import dev.kausal.spec.Screening

private const val SIDE = 420
private const val LEFT = 84
private const val RIGHT = 16
private const val TOP = 34
private const val BOTTOM = 46

/** Room that the largest changes have to the edges. */
private const val MARGIN = 0.05

/** The estimate of each cell against its exact change; null unless some cells were computed. */
internal fun screeningFigure(
    grid: ResultGrid,
    alternative: String,
): Drawing? {
    val screening = grid.result.screening ?: return null
    // A size without a sign is on no axis with a change.
    if (grid.result.estimate?.unsigned == true) return null
    val drawn = ScreeningFigure(grid, screening)
    if (drawn.isEmpty) return null
    return Drawing(
        drawn.svg(alternative),
        "Each dot is a cell that was computed: estimated change from left to right, exact change from bottom to top. " +
            "On the line, both are equal. Filled: the largest estimates. Hollow: drawn at random from the others.",
        LEFT + SIDE + RIGHT,
    )
}

/** Estimated and exact changes on equal axes, with the line on which they agree. */
private class ScreeningFigure(
    private val grid: ResultGrid,
    private val screening: Screening,
) {
    private val cells = screening.top + screening.sampled
    private val known = cells.indices.filter { screening.estimated[it] != null && screening.exact[it] != null }
    private val all = known.flatMap { listOf(screening.estimated[it]!!, screening.exact[it]!!) } + 0.0
    private val spread = (all.max() - all.min()).coerceAtLeast(Double.MIN_VALUE)
    private val low = all.min() - MARGIN * spread
    private val high = all.max() + MARGIN * spread

    val isEmpty: Boolean get() = known.isEmpty() || all.max() == all.min()

    private fun x(value: Double): Double = LEFT + (value - low) / (high - low) * SIDE

    private fun y(value: Double): Double = TOP + (high - value) / (high - low) * SIDE

    fun svg(alternative: String): Markup {
        val (width, height) = LEFT + SIDE + RIGHT to TOP + SIDE + BOTTOM
        return svg(width, height, alternative) {
            paper(width, height) + axes() + identity() + key() + known.markup(::dot)
        }
    }

    private fun axes(): Markup {
        val lines = ticks(low, high).markup { tick ->
            val ink = if (tick == 0.0) "#666666" else Palette.RULE
            stroke("M${short(x(tick))} ${TOP}v$SIDE", ink) + stroke("M$LEFT ${short(y(tick))}h$SIDE", ink) +
                svgText(x(tick), TOP + SIDE + 16, tickText(tick), "middle") +
                svgText(LEFT - 8, y(tick) + 4, tickText(tick), "end")
        }
        val what = metricWords(grid.plain)
        return tag("g", "class" to "axis") { lines } +
            svgText(LEFT + SIDE / 2, TOP + SIDE + 36, "estimated change of the $what", "middle") +
            svgText(16, TOP + SIDE / 2, "exact change", "middle", turn = -90)
    }

    private fun identity(): Markup {
        val line = "M${short(x(low))} ${short(y(low))}L${short(x(high))} ${short(y(high))}"
        return stroke(line, "#666666", null, "stroke-dasharray" to "5 4")
    }

    private fun key(): Markup =
        mark(LEFT + 8.0, 16.0, true) + svgText(LEFT + 18, 20, "largest estimates") +
            mark(LEFT + 158.0, 16.0, false) + svgText(LEFT + 168, 20, "random others")

    private fun dot(at: Int): Markup {
        val estimated = screening.estimated[at]!!
        val exact = screening.exact[at]!!
        val name = grid.where(cells[at])
        val title = "$name: estimate ${signed(estimated)}, exact ${signed(exact)}"
        return tag("g") { tag("title") { text(title) } + mark(x(estimated), y(exact), at < screening.top.size) }
    }

    private fun mark(
        x: Double,
        y: Double,
        ofTop: Boolean,
    ): Markup {
        val place = arrayOf<Attribute>("cx" to short(x), "cy" to short(y), "r" to 5)
        val fill = if (ofTop) Palette.LINES[0] else "#ffffff"
        val edge = if (ofTop) "#ffffff" else Palette.LINES[1]
        return tag("circle", *place, "fill" to fill, "stroke" to edge, "stroke-width" to "1.5")
    }
}
