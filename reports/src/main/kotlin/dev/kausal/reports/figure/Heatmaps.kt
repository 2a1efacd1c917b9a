package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.svg.Palette
import dev.kausal.reports.svg.hex
import dev.kausal.reports.svg.labelRoom
import dev.kausal.reports.svg.labelStep
import dev.kausal.reports.svg.paper
import dev.kausal.reports.svg.svgRoot
import dev.kausal.reports.svg.svgText
import dev.kausal.reports.svg.textWidth
import dev.kausal.reports.words.escaped
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.number
import dev.kausal.reports.words.shownToken
import dev.kausal.spec.FigureKind
import kotlin.math.abs

private const val TOP = 10
private const val MARK = 8
private const val WIDTH = 760
private const val MOST_WIDTH = 132
private const val HEIGHT = 420

/** Draws a heat map of two axes; of three, the strongest value along the third. */
internal fun heatmap(
    grid: ResultGrid,
    prefix: String,
    alternative: String,
): Drawing {
    val plane = HeatmapAxes.of(grid)
    if (plane.width * plane.height > MOST_CELLS) {
        val all = "${plane.width} \u00d7 ${plane.height}"
        return Drawing("<p class=\"none\">$all cells are too many to draw; the numbers are in results.json.</p>", "")
    }
    val drawn = Heatmap(plane, prefix)
    return Drawing(drawn.legend() + drawn.svg(alternative) + drawn.strip(), reading(plane))
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
    private val rows = grid.marked(plane.down)
    private val names = rows.map { it.shown }
    private val columns = grid.labels(plane.across)
    private val widest = columns.maxOf { textWidth(it) } + 8

    private val cellWidth = fitted(WIDTH / plane.width)
    private val cellHeight = (HEIGHT / plane.height).coerceIn(7, 32)
    private val step = labelStep(columns.size, WIDTH / ROOM)
    private val slanted = widest > step * cellWidth
    private val left = 28 + labelRoom(names) + MARK
    private val right = left + plane.width * cellWidth
    private val bottom = TOP + plane.height * cellHeight

    /** Returns the width that fits, but no more than labels need. */
    private fun fitted(room: Int): Int = room.coerceIn(7, widest.coerceIn(84, MOST_WIDTH))

    fun svg(alternative: String): String {
        val room = if (slanted) 14 + (labelRoom(columns) * 3) / 4 else 20
        val (width, height) = right + 8 to bottom + room + 26
        val root = svgRoot(
            "$width",
            "$height",
            alternative,
        ).replace("<svg ", "<svg class=\"plot\" data-left=\"$left\" ")
        return "$root${paper(width, height)}${cells()}${subject()}${rows()}${columns(room)}</svg>"
    }

    fun legend(): String = scale.legend(metricWords(grid.measure), "$prefix-scale")

    /** Draws the tokens in a line, each shaded by the strongest value of its row: where in the text edits matter. */
    fun strip(): String {
        if (grid.axes[plane.down].name != "position") return ""
        val tokens = (0 until plane.height).joinToString("") { y ->
            val row = plane.cells.subList(y * plane.width, (y + 1) * plane.width).mapNotNull { grid.mean(it) }
            val step = row.maxByOrNull { abs(it - grid.centre) }?.let { " data-d=\"${scale.step(it)}\"" }.orEmpty()
            val subject = if (rows[y].ofSubject) " of-subject" else ""
            "<span class=\"token$subject\"$step>${escaped(rows[y].text)}</span>"
        }
        return "<p class=\"strip\">$tokens</p>"
    }

    private fun cells(): String {
        val size = "width=\"${cellWidth - GAP}\" height=\"${cellHeight - GAP}\""
        return (0 until plane.height).joinToString(
            "",
            "<g class=\"cells heat\" shape-rendering=\"crispEdges\">",
            "</g>",
        ) { y ->
            (0 until plane.width).joinToString(
                "",
                "<g transform=\"translate($left ${TOP + y * cellHeight})\">",
                "</g>",
            ) { x ->
                val cell = plane.cells[y * plane.width + x]
                val fill = grid.mean(cell)?.let { "data-d=\"${scale.step(it)}\" fill=\"${hex(scale.rgb(it))}\"" }
                val finding = if (cell == grid.strongestCell) " data-finding=\"\"" else ""
                "<rect data-c=\"$cell\"$finding x=\"${x * cellWidth}\" $size ${fill ?: "fill=\"${Palette.GAP}\""}/>"
            }
        }
    }

    /** Draws a bar beside the rows of the subject. */
    private fun subject(): String {
        val marked = rows.indices.filter { rows[it].ofSubject }
        return marked.joinToString("") {
            val y = TOP + it * cellHeight
            "<rect class=\"of-rows\" x=\"${left - 6}\" y=\"$y\" width=\"3\" height=\"$cellHeight\" fill=\"${Palette.ABOVE}\"/>"
        }
    }

    private fun rows(): String {
        val labels = (names.indices step labelStep(names.size, HEIGHT / 13)).joinToString("") {
            svgText(left - MARK - 2, TOP + (it + 0.5) * cellHeight + 4, names[it], "end", " data-row=\"$it\"")
        }
        val name = grid.axes[plane.down].name
        return labels + svgText(12, (TOP + bottom) / 2, name, "middle", " class=\"row-axis\"", turn = -90)
    }

    private fun columns(room: Int): String {
        val labels = (columns.indices step step).joinToString("") {
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
    val zero = if (grid.isRecovery) {
        "0, the ${grid.floor} run, has the neutral colour; the clean run is 1"
    } else if (grid.ofEditedRuns) {
        "${number(grid.centre)}, the unedited value, has the neutral colour"
    } else {
        "0 has the neutral colour"
    }
    val further = "the deeper the colour, the further from it"
    val unit = "$zero; ${if (plane.scale.diverging) "orange is above, blue below" else further}."
    val clamp = if (plane.clamped) " Colours end at \u00b1${number(plane.reach, 1)}." else ""
    val third = plane.hidden?.let {
        " Each cell shows the value furthest from neutral along the third axis, ${grid.axes[it].name}."
    } ?: ""
    val star = if (grid.marked(plane.across).plus(grid.marked(plane.down)).any { it.ofSubject }) {
        " * marks the subject."
    } else {
        ""
    }
    val gaps = if (plane.cells.any { grid.mean(it) == null }) " Grey cells were not computed." else ""
    val strip = if (grid.axes[plane.down].name == "position") {
        " The line of tokens has the colour of each token's strongest layer."
    } else {
        ""
    }
    return "$unit$clamp$third$star$gaps$strip"
}

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
    if (grid.axes[plane.down].name != "position") return null
    val prompts = grid.result.examples.indices.map { grid.prompt(it) ?: return null }
    val all = prompts.map { prompt -> prompt.tokens.map { shownToken(it) } }
    return all.takeIf { tokens -> tokens.all { it.size == plane.height } }
}
