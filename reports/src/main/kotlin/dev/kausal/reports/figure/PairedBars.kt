package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.svg.Attribute
import dev.kausal.reports.svg.Markup
import dev.kausal.reports.svg.Palette
import dev.kausal.reports.svg.labelRoom
import dev.kausal.reports.svg.markup
import dev.kausal.reports.svg.paper
import dev.kausal.reports.svg.short
import dev.kausal.reports.svg.stroke
import dev.kausal.reports.svg.svg
import dev.kausal.reports.svg.svgText
import dev.kausal.reports.svg.tag
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.number
import dev.kausal.reports.words.signed
import dev.kausal.spec.CellLayout
import dev.kausal.spec.FigureKind
import kotlin.math.max
import kotlin.math.min

private const val PLOT = 380
private const val BAR = 14
private const val ROW = 40
private const val TOP = 54
private const val VALUES = 64
private const val EDGE = 20

/** Two bars per place of the first axis, one for each place of the last, with their numbers. */
internal class PairedBars(
    private val grid: ResultGrid,
) {
    private val rows = grid.labels(0)
    private val pair = grid.labels(1)
    private val values = grid.result.perExample.flatten() + grid.result.mean
    private val low = min(0.0, values.filterNotNull().min())
    private val high = max(0.0, values.filterNotNull().max())
    private val left = 12 + labelRoom(rows) + VALUES

    /** Pixels per unit, and the position of 0. */
    val unit: Double = PLOT / (high - low).coerceAtLeast(Double.MIN_VALUE)
    val zero: Double = left - low * unit

    fun drawing(alternative: String): Drawing {
        val (width, height) = left + PLOT + EDGE to TOP + rows.size * ROW
        val bars = rows.indices.markup { row ->
            val y = TOP + row * ROW
            svgText(left - VALUES - 8, y + 22, rows[row], "end") + pair.indices.markup { bar(row, it, y) }
        }
        val axis = ticks(low, high).markup { tick ->
            stroke("M${x(tick)} ${TOP - 4}V$height", if (tick == 0.0) "#666666" else Palette.RULE) +
                svgText(zero + tick * unit, TOP - 8, tickText(tick), "middle")
        }
        val title = svgText(left - VALUES - 8, TOP - 8, grid.axes[0].name, "end")
        val svg = svg(width, height, alternative) {
            paper(width, height) + key() + title + tag("g", "class" to "axis") { axis } + bars
        }
        val name = metricWords(grid.measure).replaceFirstChar { it.uppercase() }
        return Drawing(svg, "$name of ${pair[0]} and ${pair[1]}, from 0.", width)
    }

    private fun x(value: Double): String = short(zero + value * unit)

    private fun key(): Markup {
        var at = left
        return pair.withIndex().markup { (i, name) ->
            val mark = tag("rect", "x" to at, "y" to 8, "width" to 12, "height" to 12, "fill" to Palette.LINES[i])
            val text = svgText(at + 18, 18, name)
            at += 40 + labelRoom(listOf(name))
            mark + text
        }
    }

    private fun bar(
        row: Int,
        of: Int,
        y: Int,
    ): Markup {
        val cell = grid.index(listOf(row, of))
        val value = grid.mean(cell) ?: return Markup.NONE
        val (from, to) = min(value, 0.0) to max(value, 0.0)
        val top = y + 4 + of * (BAR + 2)
        val hit = arrayOf<Attribute>("x" to 0, "y" to top - 1, "width" to left + PLOT + EDGE, "height" to BAR + 2)
        val size = arrayOf<Attribute>("width" to short((to - from) * unit), "height" to BAR)
        return tag("g", "data-c" to cell) {
            tag("rect", "class" to "hit", *hit, "fill" to "#fff", "fill-opacity" to 0) +
                tag("rect", "class" to "bar", "x" to x(from), "y" to top, *size, "fill" to Palette.LINES[of]) +
                svgText(left - 8, top + 11, signed(value), "end", "class" to "value")
        }
    }
}

/** Logits of both classes of a debugged prediction, unedited and ablated. */
internal object PairedBarsView : View {
    override val kind = FigureKind.Heatmap
    override val script = "pairs"

    override fun fits(grid: ResultGrid) = grid.axes.size == 2 && grid.sizes[1] == 2

    override fun suits(grid: ResultGrid) =
        fits(grid) && grid.result.kind.layout == CellLayout.Pairs

    override fun draw(
        grid: ResultGrid,
        frame: Frame,
    ) = PairedBars(grid).drawing(frame.alternative)

    override fun data(
        grid: ResultGrid,
        plain: FigureData,
    ): FigureData = PairedBars(grid).let { plain.copy(view = script, zero = it.zero, unit = it.unit) }
}
