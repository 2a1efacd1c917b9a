package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.svg.Palette
import dev.kausal.reports.svg.labelRoom
import dev.kausal.reports.svg.paper
import dev.kausal.reports.svg.short
import dev.kausal.reports.svg.svgRoot
import dev.kausal.reports.svg.svgText
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.number
import dev.kausal.reports.words.signed
import dev.kausal.spec.CellLayout
import dev.kausal.spec.FigureKind
import kotlin.math.max
import kotlin.math.min

private const val PLOT = 440
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
        val bars = rows.indices.joinToString("") { row ->
            val y = TOP + row * ROW
            svgText(left - VALUES - 8, y + 22, rows[row], "end") + pair.indices.joinToString("") { bar(row, it, y) }
        }
        val axis = ticks(low, high).joinToString("") { tick ->
            "<path d=\"M${x(tick)} ${TOP - 4}V$height\" stroke=\"${if (tick == 0.0) "#666666" else Palette.RULE}\"/>" +
                svgText(zero + tick * unit, TOP - 8, number(tick, if (tick == Math.rint(tick)) 0 else 1), "middle")
        }
        val title = svgText(left - VALUES - 8, TOP - 8, grid.axes[0].name, "end")
        val svg = svgRoot("$width", "$height", alternative) + paper(width, height) + key() + title +
            "<g class=\"axis\">$axis</g>$bars</svg>"
        val name = metricWords(grid.measure).replaceFirstChar { it.uppercase() }
        return Drawing(svg, "$name of ${pair[0]} and ${pair[1]}, from 0.")
    }

    private fun x(value: Double): String = short(zero + value * unit)

    private fun key(): String {
        var at = left
        return pair.withIndex().joinToString("") { (i, name) ->
            val mark = "<rect x=\"$at\" y=\"8\" width=\"12\" height=\"12\" fill=\"${Palette.LINES[i]}\"/>"
            val text = svgText(at + 18, 18, name)
            at += 40 + labelRoom(listOf(name))
            mark + text
        }
    }

    private fun bar(
        row: Int,
        of: Int,
        y: Int,
    ): String {
        val cell = grid.index(listOf(row, of))
        val value = grid.mean(cell) ?: return ""
        val (from, to) = min(value, 0.0) to max(value, 0.0)
        val top = y + 4 + of * (BAR + 2)
        return "<g data-c=\"$cell\"><rect class=\"hit\" x=\"0\" y=\"${top - 1}\" width=\"${left + PLOT + EDGE}\" " +
            "height=\"${BAR + 2}\" fill=\"#fff\" fill-opacity=\"0\"/>" +
            "<rect class=\"bar\" x=\"${x(from)}\" y=\"$top\" width=\"${short((to - from) * unit)}\" " +
            "height=\"$BAR\" fill=\"${Palette.LINES[of]}\"/>" +
            svgText(left - 8, top + 11, signed(value), "end", " class=\"value\"") + "</g>"
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
