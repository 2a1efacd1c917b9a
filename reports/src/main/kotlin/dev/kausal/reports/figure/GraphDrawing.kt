package dev.kausal.reports.figure

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
import kotlin.math.abs
import kotlin.math.ceil

/** Room for the names of layers at the left, and around the drawing. */
private const val LEFT = 56.0
private const val EDGE = 6.0

/** Width of an edge without effect, and what the largest effect adds to it. */
private const val THIN = 1.0
private const val WIDE = 5.0

/** Points that a curve adds to a route, and a deviation that nobody sees. */
private const val CURVE = 3
private const val HALF_PIXEL = 0.5

/** Room for a line of text under the drawing. */
private const val LINE = 16.0

/**
 * A node of a drawn graph.
 *
 * @property id its name for the page's script
 * @property layer null at the start and the end
 * @property isEnd whether it is what the graph ends at
 */
internal class DrawnNode(
    val id: String,
    val label: String,
    val layer: Int?,
    val colour: String,
    val dashes: String? = null,
    val isEnd: Boolean = false,
)

/**
 * An edge of a drawn graph.
 *
 * @property rank its number in the figure's data, from 1
 * @property size its width, of the largest's; null if it has none
 */
internal class DrawnEdge(
    val rank: Int,
    val from: String,
    val to: String,
    val size: Double?,
    val colour: String,
)

/**
 * A graph with its places: layers from the bottom up.
 *
 * @property edges routes of [placed], in its order; those of [links] follow
 * @property links dashed lines without direction
 * @property columns names under the drawing, with the middle of what they name
 */
internal class GraphDrawing(
    private val nodes: List<DrawnNode>,
    private val edges: List<DrawnEdge>,
    private val placed: PlacedGraph,
    private val links: List<Pair<String, String>> = emptyList(),
    private val columns: List<Pair<String, Double>> = emptyList(),
) {
    private val byLayer = nodes.filter { it.layer != null }.groupBy { it.layer!! }.toSortedMap()
    private val width = ceil(placed.width + LEFT + 2 * EDGE).toInt()
    private val lines = if (columns.isEmpty()) 0.0 else LINE
    private val height = ceil(placed.height + 2 * EDGE + lines).toInt()

    /**
     * Draws it.
     *
     * @param most number of edges that it is for, and [first] the number that the page shows at first
     */
    fun svg(
        alternative: String,
        most: Int,
        first: Int,
    ): Markup {
        val hidden = "none".takeIf { most != first }
        return svg(width, height, alternative, "class" to "graph", "data-most" to most, "display" to hidden) {
            paper(width, height) + layers() + named() +
                links.withIndex().markup { (i, link) -> link(link, edges.size + i) } +
                edges.withIndex().markup { (i, edge) -> edge(edge, i) } + nodes.markup { node(it, most == first) }
        }
    }

    /** Shades every other layer, and names all of them. */
    private fun layers(): Markup =
        byLayer.entries.withIndex().markup { (i, layer) ->
            val tops = layer.value.map { y(placed.nodes.getValue(it.id)) }
            val (top, bottom) = tops.min() - EDGE to tops.max() + NODE_HEIGHT + EDGE
            val box =
                tag(
                    "rect",
                    "class" to "band",
                    "x" to 0,
                    "y" to short(top),
                    "width" to width,
                    "height" to short(bottom - top),
                    "fill" to Palette.OTHER,
                    "fill-opacity" to "0.08",
                )
            (if (i % 2 == 0) box else Markup.NONE) +
                svgText(EDGE, (top + bottom) / 2 + 4, "layer ${layer.key}", "start", "class" to "layer")
        }

    private fun named(): Markup =
        columns.markup { (name, x) -> svgText(x + LEFT + EDGE, height - EDGE, name, "middle", "class" to "layer") }

    private fun y(at: Point): Double = at.y + EDGE

    /** Returns a route as the data of an SVG path; most of a long one is vertical. */
    private fun path(route: Int): String {
        val points = placed.routes[route].map { Point(it.x + LEFT + EDGE, it.y + EDGE) }
        val parts = mutableListOf<String>()
        for ((start, first, second, end) in points.windowed(CURVE + 1, CURVE)) {
            val straight = listOf(first, second, end).all { abs(it.x - start.x) < HALF_PIXEL }
            if (straight && parts.lastOrNull()?.startsWith("V") == true) parts.removeLast()
            parts += if (straight) "V${short(end.y)}" else "C${at(first)} ${at(second)} ${at(end)}"
        }
        return "M${at(points.first())}" + parts.joinToString("")
    }

    private fun at(point: Point): String = "${short(point.x)} ${short(point.y)}"

    private fun link(
        ends: Pair<String, String>,
        route: Int,
    ): Markup =
        tag("g", "class" to "link", "data-from" to ends.first, "data-to" to ends.second) {
            stroke(path(route), Palette.OTHER, "1.2", "fill" to "none", "stroke-dasharray" to "3 3")
        }

    private fun edge(
        edge: DrawnEdge,
        at: Int,
    ): Markup =
        tag("g", "data-e" to edge.rank) {
            val wide = short(THIN + WIDE * (edge.size ?: 0.0))
            stroke(path(at), edge.colour, wide, "fill" to "none", "stroke-opacity" to "0.8")
        }

    private fun node(
        node: DrawnNode,
        shown: Boolean,
    ): Markup {
        val at = placed.nodes.getValue(node.id)
        val place = "translate(${short(at.x + LEFT + EDGE)} ${short(y(at))})"
        return tag(
            "g",
            "data-n" to node.id,
            "data-finding" to "".takeIf {
                shown && node.isEnd
            },
            "transform" to place,
        ) {
            val size = arrayOf<Attribute>("width" to NODE_WIDTH.toInt(), "height" to NODE_HEIGHT.toInt(), "rx" to 4)
            val ink = arrayOf<Attribute>(
                "fill" to node.colour,
                "fill-opacity" to "0.2",
                "stroke" to node.colour,
                "stroke-dasharray" to node.dashes,
            )
            tag("rect", *size, *ink) + svgText(NODE_WIDTH / 2, NODE_HEIGHT / 2 + 4, node.label, "middle")
        }
    }

    companion object {
        const val NODE_WIDTH: Double = 58.0
        const val NODE_HEIGHT: Double = 22.0
    }
}

/** Returns the meaning of the colours of edges. */
internal fun edgeLegend(rows: List<Pair<String, String>>): Markup {
    val height = 20 * rows.size + 4
    return svg(LEGEND_WIDTH, height, "Colours of edges", "class" to "legend") {
        paper(LEGEND_WIDTH, height) +
            rows.withIndex().markup { (i, row) ->
                stroke("M4 ${12 + 20 * i}h28", row.first, "4") + svgText(40, 16 + 20 * i, row.second)
            }
    }
}

private const val LEGEND_WIDTH = 340
