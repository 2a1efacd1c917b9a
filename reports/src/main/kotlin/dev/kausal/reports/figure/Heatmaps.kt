package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.exactCells
import dev.kausal.reports.svg.Attribute
import dev.kausal.reports.svg.Markup
import dev.kausal.reports.svg.Palette
import dev.kausal.reports.svg.hex
import dev.kausal.reports.svg.labelRoom
import dev.kausal.reports.svg.labelStep
import dev.kausal.reports.svg.markup
import dev.kausal.reports.svg.paper
import dev.kausal.reports.svg.svg
import dev.kausal.reports.svg.svgText
import dev.kausal.reports.svg.tag
import dev.kausal.reports.svg.text
import dev.kausal.reports.svg.textWidth
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.number
import dev.kausal.reports.words.shownToken
import dev.kausal.spec.FigureKind
import kotlin.math.abs

private const val TOP = 10
private const val MARK = 8
private const val WIDTH = 760
private const val MOST_WIDTH = 132

/** Usual least width of a cell, and of one in a drawing that shares a row with another. */
private const val CELL = 56
private const val SMALL_CELL = 44
private const val HEIGHT = 420

/** Draws a heat map of two axes; of three, the strongest value along the third. */
internal fun heatmap(
    grid: ResultGrid,
    prefix: String,
    alternative: String,
): Drawing {
    val plane = HeatmapAxes.of(grid)
    val drawn = Heatmap(plane, prefix)
    return Drawing(drawn.legend() + drawn.svg(alternative) + drawn.strip(), reading(plane), drawn.size.first)
}

/**
 * Draws a [plane]; every cell is an element with its number in the result, so that it can be queried.
 *
 * Lets-Plot is not used, because its tiles do not record their cell, and its legend cannot follow a changing scale. The
 * legend is a separate drawing, which stays in view while the cells scroll on a narrow screen.
 */
private class Heatmap(
    private val plane: HeatmapAxes,
    private val prefix: String,
) {
    private val grid = plane.grid
    private val scale = plane.scale
    private val rows = plane.rows
    private val names = rows.map { it.shown }
    private val columns = plane.columns.map { it.shown }
    private val widest = columns.maxOf { textWidth(it) } + 8

    private val cellHeight = (HEIGHT / plane.height).coerceIn(7, 32)
    private val exact = exactCells(grid.result).keys
    private val step = labelStep(columns.size, WIDTH / ROOM)
    private val left = 28 + labelRoom(names) + MARK
    private val cellWidth = half() ?: fitted(WIDTH / plane.width)
    private val slanted = widest > step * cellWidth
    private val right = left + plane.width * cellWidth
    private val bottom = TOP + plane.height * cellHeight

    /** Returns the width that fits, but no more than labels need. */
    private fun fitted(room: Int): Int = room.coerceIn(7, widest.coerceIn(CELL, MOST_WIDTH))

    /** Returns the width with which the drawing takes half a row; null if its cells would be too narrow. */
    private fun half(): Int? =
        ((HALF - left - MARK) / plane.width).coerceAtMost(widest.coerceIn(CELL, MOST_WIDTH))
            .takeIf { it >= maxOf(SMALL_CELL, widest) }

    private val room = if (slanted) 14 + (labelRoom(columns) * 3) / 4 else 20

    /** Width and height in pixels. */
    val size: Pair<Int, Int> = right + 8 to bottom + room + 26

    fun svg(alternative: String): Markup {
        val (width, height) = size
        return svg(width, height, alternative, "class" to "plot", "data-left" to left) {
            paper(width, height) + cells() + subject() + rows() + columns()
        }
    }

    fun legend(): Markup = scale.legend(metricWords(grid.measure), "$prefix-scale")

    /** Draws the tokens in a line, each shaded by the strongest value of its row: where in the text edits matter. */
    fun strip(): Markup {
        if (!hasStrip(plane)) return Markup.NONE
        val tokens = (0 until plane.height).markup { y ->
            val row = plane.cells.subList(y * plane.width, (y + 1) * plane.width).mapNotNull { grid.mean(it) }
            val step = row.maxByOrNull { abs(it - grid.centre) }?.let(scale::step)
            val subject = if (rows[y].ofSubject) " of-subject" else ""
            tag("span", "class" to "token$subject", "data-d" to step) { text(rows[y].text) }
        }
        return tag("p", "class" to "strip") { tokens }
    }

    private fun cells(): Markup =
        tag("g", "class" to "cells heat", "shape-rendering" to "crispEdges") {
            (0 until plane.height).markup { y ->
                tag("g", "transform" to "translate($left ${TOP + y * cellHeight})") {
                    (0 until plane.width).markup { x -> cell(plane.cells[y * plane.width + x], x * cellWidth) }
                }
            }
        }

    private fun cell(
        cell: Int,
        x: Int,
    ): Markup {
        val value = grid.mean(cell)
        return tag(
            "rect",
            "data-c" to cell,
            "data-finding" to if (cell == grid.strongestCell) "" else null,
            "x" to x,
            "width" to cellWidth - GAP,
            "height" to cellHeight - GAP,
            "stroke" to if (cell in exact) Palette.TEXT else null,
            "stroke-width" to if (cell in exact) "1.5" else null,
            "data-d" to value?.let(scale::step),
            "fill" to (value?.let { hex(scale.rgb(it)) } ?: Palette.GAP),
        )
    }

    /** Draws a bar beside the rows of the subject. */
    private fun subject(): Markup {
        val bar = arrayOf<Attribute>("width" to 3, "height" to cellHeight, "fill" to Palette.ABOVE)
        return rows.indices.filter { rows[it].ofSubject }.markup {
            tag("rect", "class" to "of-rows", "x" to left - 6, "y" to TOP + it * cellHeight, *bar)
        }
    }

    private fun rows(): Markup {
        val labels = (names.indices step labelStep(names.size, HEIGHT / 13)).markup {
            svgText(left - MARK - 2, TOP + (it + 0.5) * cellHeight + 4, names[it], "end", "data-row" to it)
        }
        val name = grid.axes[plane.down].name
        return labels + svgText(12, (TOP + bottom) / 2, name, "middle", "class" to "row-axis", turn = -90)
    }

    private fun columns(): Markup {
        val labels = (columns.indices step step).markup {
            val x = left + (it + 0.5) * cellWidth
            if (slanted) {
                svgText(x + 4, bottom + 12, columns[it], "end", turn = -45)
            } else {
                svgText(x, bottom + 16, columns[it], "middle")
            }
        }
        return labels + svgText((left + right) / 2, bottom + room + 16, grid.axes[plane.across].name, "middle")
    }

    private companion object {
        const val GAP = 1

        /** Minimum distance of column labels in pixels. */
        const val ROOM = 22
    }
}

private fun reading(plane: HeatmapAxes): String {
    val grid = plane.grid
    val further = "the deeper the colour, the further from it"
    val sides = "${plane.columnsPer} \u00d7 ${plane.rowsPer}"
    val subject = grid.marked(plane.across).plus(grid.marked(plane.down)).any { it.ofSubject }
    return listOfNotNull(
        "${neutral(grid)}; ${if (plane.scale.diverging) "orange is above, blue below" else further}.",
        "Colours end at \u00b1${number(plane.reach, 1)}.".takeIf { plane.clamped },
        plane.hidden?.let {
            "Each cell shows the value furthest from neutral along the third axis, ${grid.axes[it].name}."
        },
        "Each square shows the value furthest from neutral of $sides cells.".takeUnless { plane.isWhole },
        "* marks the subject.".takeIf { subject },
        "Grey cells were not computed.".takeIf { plane.cells.any { grid.mean(it) == null } },
        "Outlined cells were computed exactly; the others are estimates.".takeIf {
            exactCells(grid.result).isNotEmpty()
        },
        "The line of tokens has the colour of each token's strongest layer.".takeIf { hasStrip(plane) },
    ).joinToString(" ")
}

/** Describes the value that has the neutral colour. */
private fun neutral(grid: ResultGrid): String =
    if (grid.isRecovery) {
        "0, the ${grid.floor} run, has the neutral colour; the clean run is 1"
    } else if (grid.ofEditedRuns) {
        "${number(grid.centre)}, the unedited value, has the neutral colour"
    } else if (grid.centre != 0.0) {
        "${number(grid.centre)}, as by chance, has the neutral colour"
    } else {
        "0 has the neutral colour"
    }

/** Whether the rows of [plane] are the positions of tokens, one by one. */
private fun hasStrip(plane: HeatmapAxes): Boolean = plane.grid.axes[plane.down].name == "position" && plane.isWhole

/** Two axes; of three, the strongest value along the third. */
internal object HeatmapView : View {
    override val kind = FigureKind.Heatmap
    override val script = "heatmap"

    override fun fits(grid: ResultGrid) = grid.axes.size in 2..3 && !ofPatches(grid)

    override fun draw(
        grid: ResultGrid,
        frame: Frame,
    ) = heatmap(grid, frame.prefix, frame.alternative)

    override fun data(
        grid: ResultGrid,
        plain: FigureData,
    ): FigureData =
        HeatmapAxes.of(grid).let { plain.copy(view = script, reach = it.reach, width = it.width, tokens = tokens(it)) }
            .within(grid.measure.range)
}

/** Returns the tokens of every example's prompt, if the rows of [plane] are their positions. */
private fun tokens(plane: HeatmapAxes): List<List<String>>? {
    val grid = plane.grid
    if (!hasStrip(plane)) return null
    val prompts = grid.result.examples.indices.map { grid.prompt(it) ?: return null }
    val all = prompts.map { prompt -> prompt.tokens.map { shownToken(it) } }
    return all.takeIf { tokens -> tokens.all { it.size == plane.height } }
}
