package dev.kausal.reports.figure

import dev.kausal.reports.result.Grid
import dev.kausal.reports.svg.ColourScale
import dev.kausal.reports.svg.Ink
import dev.kausal.reports.svg.labelRoom
import dev.kausal.reports.svg.labelStep
import dev.kausal.reports.svg.paper
import dev.kausal.reports.svg.svgRoot
import dev.kausal.reports.svg.svgText
import dev.kausal.reports.words.escaped
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.number
import dev.kausal.reports.words.shownToken
import dev.kausal.spec.FigureKind
import kotlin.math.abs
import kotlin.math.roundToInt

private const val TOP = 10
private const val MARK = 8
private const val LEGEND = 104

/** A heat map of two axes; of three, the strongest value along the third. */
internal fun heatmap(
    grid: Grid,
    prefix: String,
    alternative: String,
): Drawing {
    val plane = Plane.of(grid)
    if (plane.width * plane.height > MOST_CELLS) {
        val all = "${plane.width} \u00d7 ${plane.height}"
        return Drawing("<p class=\"none\">$all cells are too many to draw; the numbers are in results.json.</p>", "")
    }
    val drawn = Heatmap(plane, prefix)
    return Drawing(drawn.svg(alternative) + drawn.strip(), reading(plane))
}

/**
 * Draws a [plane], every cell an element of its own, with its number in the result, so that it can be asked for.
 *
 * Not by Lets-Plot, whose tiles lose what they stand for, and whose legend cannot follow a scale that changes.
 */
private class Heatmap(
    private val plane: Plane,
    private val prefix: String,
) {
    private val grid = plane.grid
    private val scale = ColourScale(grid.centre - plane.reach, grid.centre + plane.reach, diverging = true)
    private val rows = grid.marked(plane.down)
    private val names = rows.map { it.shown }
    private val columns = grid.labels(plane.across)
    private val slanted = columns.any { it.length > 3 }

    private val cellWidth = (660 / plane.width).coerceIn(7, 84)
    private val cellHeight = (420 / plane.height).coerceIn(7, 32)
    private val left = 28 + labelRoom(names) + MARK
    private val right = left + plane.width * cellWidth
    private val bottom = TOP + plane.height * cellHeight

    fun svg(alternative: String): String {
        val room = if (slanted) 14 + (labelRoom(columns) * 3) / 4 else 20
        val height = maxOf(bottom + room + 26, TOP + 200)
        val root = svgRoot("${right + LEGEND}", "$height", alternative)
        return "$root${paper(right + LEGEND, height)}${cells()}${subject()}${rows()}${columns(room)}${legend()}</svg>"
    }

    /** The tokens in a line, each shaded by the strongest value of its row: where in the text an edit matters. */
    fun strip(): String {
        if (grid.axes[plane.down].name != "position") return ""
        val tokens = (0 until plane.height).joinToString("") { y ->
            val row = plane.cells.subList(y * plane.width, (y + 1) * plane.width).mapNotNull { grid.mean(it) }
            val step =
                row.maxByOrNull { abs(it - grid.centre) }?.let { "d${(scale.part(it) * STEPS).roundToInt()}" } ?: "none"
            val subject = if (rows[y].ofSubject) " of-subject" else ""
            "<span class=\"token $step$subject\">${escaped(rows[y].text)}</span>"
        }
        return "<p class=\"strip\">$tokens</p>"
    }

    private fun cells(): String {
        val size = "width=\"${cellWidth - GAP}\" height=\"${cellHeight - GAP}\""
        return (0 until plane.height).joinToString(
            "",
            "<g class=\"cells\" shape-rendering=\"crispEdges\">",
            "</g>",
        ) { y ->
            (0 until plane.width).joinToString(
                "",
                "<g transform=\"translate($left ${TOP + y * cellHeight})\">",
                "</g>",
            ) { x ->
                val cell = plane.cells[y * plane.width + x]
                val fill = grid.mean(cell)?.let { ColourScale.hex(scale.rgb(it)) } ?: Ink.GAP
                "<rect data-c=\"$cell\" x=\"${x * cellWidth}\" $size fill=\"$fill\"/>"
            }
        }
    }

    /** A bar beside the rows of the subject. */
    private fun subject(): String {
        val marked = rows.indices.filter { rows[it].ofSubject }
        return marked.joinToString("") {
            val y = TOP + it * cellHeight
            "<rect x=\"${left - 6}\" y=\"$y\" width=\"3\" height=\"$cellHeight\" fill=\"${Ink.ABOVE}\"/>"
        }
    }

    private fun rows(): String {
        val labels = (names.indices step labelStep(names.size, 420 / 13)).joinToString("") {
            svgText(left - MARK - 2, TOP + (it + 0.5) * cellHeight + 4, names[it], "end", " data-row=\"$it\"")
        }
        return labels + svgText(12, (TOP + bottom) / 2, grid.axes[plane.down].name, "middle", turn = -90)
    }

    private fun columns(room: Int): String {
        val labels = (columns.indices step labelStep(columns.size, if (slanted) 44 else 30)).joinToString("") {
            val x = left + (it + 0.5) * cellWidth
            if (slanted) {
                svgText(x + 4, bottom + 12, columns[it], "end", turn = -45)
            } else {
                svgText(x, bottom + 16, columns[it], "middle")
            }
        }
        return labels + svgText((left + right) / 2, bottom + room + 16, grid.axes[plane.across].name, "middle")
    }

    private fun legend(): String {
        val x = right + 24
        val words = metricWords(grid.measure).split(' ')
        val title = words.withIndex().joinToString("") { (i, word) -> svgText(x, TOP + 12 + i * 14, word) }
        val top = TOP + 14 + words.size * 14
        val ticks = (0..4).joinToString("") {
            val part = 1 - it / 2.0
            svgText(
                x + 22,
                top + it * 30 + 4,
                number(grid.centre + part * plane.reach, 2),
                more = " data-tick=\"$part\"",
            )
        }
        return "${scale.gradient("$prefix-scale", upright = true)}$title" +
            "<rect x=\"$x\" y=\"$top\" width=\"14\" height=\"120\" fill=\"url(#$prefix-scale)\"/>$ticks"
    }

    private companion object {
        const val GAP = 1

        /** Shades that the style sheet has, from far below the centre to far above it. */
        const val STEPS = 20
    }
}

private fun reading(plane: Plane): String {
    val grid = plane.grid
    val unit = if (grid.isRecovery) {
        "White is 0, the ${grid.floor} run; the clean run is 1; blue is below 0."
    } else if (grid.ofEditedRuns) {
        "White is ${number(grid.centre)}, the unedited value; orange is above, blue below."
    } else {
        "White is 0; orange is above, blue below."
    }
    val clamp = if (plane.clamped) " Colours end at \u00b1${number(plane.reach, 1)}." else ""
    val third = plane.hidden?.let {
        " Each cell shows the value furthest from white along the third axis, ${grid.axes[it].name}."
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

    override fun fits(grid: Grid) = grid.axes.size in 2..3 && !ofPatches(grid)

    override fun draw(
        grid: Grid,
        frame: Frame,
    ) = heatmap(grid, frame.prefix, frame.alternative)

    override fun data(
        grid: Grid,
        plain: FigureData,
    ): FigureData =
        Plane.of(grid).let { plain.copy(view = script, reach = it.reach, width = it.width, tokens = tokens(it)) }
}

/** Returns the tokens of every example's prompt, if the rows of [plane] are their positions. */
private fun tokens(plane: Plane): List<List<String>>? {
    val grid = plane.grid
    if (grid.axes[plane.down].name != "position") return null
    val prompts = grid.result.examples.indices.map { grid.prompt(it) ?: return null }
    val all = prompts.map { prompt -> prompt.tokens.map { shownToken(it) } }
    return all.takeIf { tokens -> tokens.all { it.size == plane.height } }
}
