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
import dev.kausal.reports.words.count
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.number
import dev.kausal.reports.words.signed
import dev.kausal.spec.EdgeEffect
import dev.kausal.spec.FigureKind
import java.util.Locale
import kotlin.math.abs
import kotlin.math.ceil

private const val NODE_WIDTH = 58.0
private const val NODE_HEIGHT = 22.0

/** Room for the names of layers at the left, and around the drawing. */
private const val LEFT = 56.0
private const val EDGE = 6.0

/** Width of an edge without effect, and what the largest effect adds to it. */
private const val THIN = 1.0
private const val WIDE = 5.0

/** Points that a curve adds to a route, and a deviation that nobody sees. */
private const val CURVE = 3
private const val HALF_PIXEL = 0.5

/** Numbers of edges of which the page has a drawing each, besides the first that is shown. */
private val STEPS = listOf(10, 30)

/** Edges as a graph of components, from the embedding at the bottom to the logits at the top. */
internal class GraphFigure(
    private val grid: ResultGrid,
    others: OtherResults,
) {
    private val ranked = RankedEdges.of(grid, others)
    private val components = Components(grid, others.model)
    private val largest = ranked.edges.maxOfOrNull { abs(it.effect?.mean ?: 0.0) }?.takeIf { it > 0 } ?: 1.0

    /** Numbers of edges of the drawings, ascending. */
    private val steps: List<Int> =
        (STEPS + ranked.first + ranked.edges.size).filter { it <= ranked.edges.size }.distinct().sorted()

    /** The edges for the page's script. */
    val data: List<EdgeData> =
        ranked.edges.map { edge ->
            val effect = edge.effect
            EdgeData(
                "${edge.name}",
                edge.name.writer,
                components.reader(edge.name).id,
                effect?.mean?.let(::rounded),
                effect?.ciLow?.let(::rounded),
                effect?.ciHigh?.let(::rounded),
            )
        }

    fun drawing(alternative: String): Drawing {
        if (ranked.edges.isEmpty()) return Drawing(absent("No edge to draw."), "")
        val graphs = steps.markup { Layout(it).svg(alternative) }
        return Drawing(legend() + graphs + table(), reading())
    }

    private fun reading(): String {
        val shown = "Shown: ${ranked.first} of ${"%,d".format(Locale.ROOT, ranked.total)} edges"
        val order =
            when {
                grid.result.circuit == null -> "those with the largest effects"
                ranked.byHalves -> "in the order in which circuits keep them, by the sum of both halves' ranks"
                else -> "in the order in which circuits keep them"
            }
        val without = if (ranked.omits) " Edges without an effect beyond rounding are left out." else ""
        val shared =
            if (ranked.edges.any { components.reader(it.name).kind == NodeKind.KeyValue }) {
                " Grey: from keys and values to the heads that share them."
            } else {
                ""
            }
        return "$shown, $order. Computation goes from bottom to top. The wider an edge, the larger its effect." +
            without + shared
    }

    private fun legend(): Markup {
        val what = metricWords(grid.plain)
        val signs =
            listOf(
                Palette.BELOW to "corrupting it lowers the $what",
                Palette.ABOVE to "corrupting it raises the $what",
            )
        val rows = if (ranked.unsigned) listOf(Palette.OTHER to "size of its effect, without a sign") else signs
        return svg(LEGEND_WIDTH, 20 * rows.size + 4, "Colours of edges", "class" to "legend") {
            paper(LEGEND_WIDTH, 20 * rows.size + 4) +
                rows.withIndex().markup { (i, row) ->
                    stroke("M4 ${12 + 20 * i}h28", row.first, "4") + svgText(40, 16 + 20 * i, row.second)
                }
        }
    }

    private fun table(): Markup =
        folded("The ${count(ranked.edges.size, "edge")} as a table") {
            val head = listOf("Rank", "Edge", "Effect", "Interval").markup { heading("col", it) }
            val rows =
                ranked.edges.markup { edge ->
                    val cells = listOf(effect(edge), interval(edge.effect))
                    tag("tr") {
                        tag("td") { text("${edge.rank}") } + heading("row", "${edge.name}") +
                            cells.markup { tag("td") { text(it) } }
                    }
                }
            scrolledTable("class" to "cells", head = head, rows = rows)
        }

    private fun effect(edge: GraphEdge): String =
        edge.effect?.let { if (ranked.unsigned) number(it.mean) else signed(it.mean) }.orEmpty()

    private fun interval(effect: EdgeEffect?): String {
        val (low, high) = effect?.ciLow to effect?.ciHigh
        return if (low == null || high == null) "" else "${number(low)} to ${number(high)}"
    }

    /** The drawing of the first [most] edges. */
    private inner class Layout(
        private val most: Int,
    ) {
        private val edges = ranked.edges.take(most)
        private val joined = edges.map { components.writer(it.name) to components.reader(it.name) }
        private val ends = joined.map { (from, to) -> from.id to to.id }
        private val nodes = joined.flatMap { it.toList() }.distinct()
        private val links = components.links(nodes)
        private val rows = nodes.groupBy { it.row }.toSortedMap().values.map { row -> row.map { it.id }.sorted() }
        private val byLayer = nodes.filter { it.layer != null }.groupBy { it.layer!! }.toSortedMap()
        private val placed = LayeredLayout.of(rows, ends + links, NODE_WIDTH, NODE_HEIGHT)
        private val width = ceil(placed.width + LEFT + 2 * EDGE).toInt()
        private val height = ceil(placed.height + 2 * EDGE).toInt()

        fun svg(alternative: String): Markup {
            val hidden = "none".takeIf { most != ranked.first }
            return svg(width, height, alternative, "class" to "graph", "data-most" to most, "display" to hidden) {
                paper(width, height) + layers() + links.withIndex().markup { (i, link) -> link(link, ends.size + i) } +
                    edges.withIndex().markup { (i, edge) -> edge(edge, i) } + nodes.markup(::node)
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
            edge: GraphEdge,
            at: Int,
        ): Markup {
            val effect = edge.effect
            val colour =
                when {
                    effect == null || ranked.unsigned -> Palette.OTHER
                    effect.mean < 0 -> Palette.BELOW
                    else -> Palette.ABOVE
                }
            val width = short(THIN + WIDE * abs(effect?.mean ?: 0.0) / largest)
            return tag("g", "data-e" to edge.rank) {
                stroke(path(at), colour, width, "fill" to "none", "stroke-opacity" to "0.8")
            }
        }

        private fun node(node: GraphNode): Markup {
            val at = placed.nodes.getValue(node.id)
            val finding = "".takeIf { most == ranked.first && node.layer == null && node.row > 0 }
            val place = "translate(${short(at.x + LEFT + EDGE)} ${short(y(at))})"
            return tag("g", "data-n" to node.id, "data-finding" to finding, "transform" to place) {
                val size = arrayOf<Attribute>("width" to NODE_WIDTH.toInt(), "height" to NODE_HEIGHT.toInt(), "rx" to 4)
                tag("rect", *size, *ink(node.kind)) +
                    svgText(NODE_WIDTH / 2, NODE_HEIGHT / 2 + 4, node.id, "middle")
            }
        }
    }

    private fun ink(kind: NodeKind): Array<Attribute> {
        val colour =
            when (kind) {
                NodeKind.End -> Palette.OTHER
                NodeKind.Head, NodeKind.KeyValue -> Palette.LINES[2]
                NodeKind.Mlp -> Palette.LINES[3]
            }
        val dashes = "3 2".takeIf { kind == NodeKind.KeyValue }
        return arrayOf("fill" to colour, "fill-opacity" to "0.2", "stroke" to colour, "stroke-dasharray" to dashes)
    }

    private companion object {
        const val LEGEND_WIDTH = 340
    }
}

/** Edges and circuits as graphs. */
internal object GraphView : View {
    override val kind = FigureKind.Graph
    override val script = "graph"

    override fun fits(grid: ResultGrid) = grid.result.edges != null || grid.result.circuit != null

    override fun draw(
        grid: ResultGrid,
        frame: Frame,
    ) = GraphFigure(grid, frame.others).drawing(frame.alternative)

    override fun data(
        grid: ResultGrid,
        plain: FigureData,
    ) = plain.copy(view = script, total = grid.result.circuit?.edges ?: grid.result.edges?.edges ?: grid.cells)

    override fun edges(
        grid: ResultGrid,
        others: OtherResults,
    ): List<EdgeData> = GraphFigure(grid, others).data
}
