package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.svg.Markup
import dev.kausal.reports.svg.Palette
import dev.kausal.reports.svg.markup
import dev.kausal.reports.svg.paper
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
        val graphs = steps.markup { graph(it).svg(alternative, it, ranked.first) }
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
        return edgeLegend(if (ranked.unsigned) listOf(Palette.OTHER to "size of its effect, without a sign") else signs)
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

    /** Returns the drawing of the first [most] edges. */
    private fun graph(most: Int): GraphDrawing {
        val edges = ranked.edges.take(most)
        val joined = edges.map { components.writer(it.name) to components.reader(it.name) }
        val ends = joined.map { (from, to) -> from.id to to.id }
        val nodes = joined.flatMap { it.toList() }.distinct()
        val links = components.links(nodes)
        val rows = nodes.groupBy { it.row }.toSortedMap().values.map { row -> row.map { it.id }.sorted() }
        val placed = LayeredLayout.of(rows, ends + links, GraphDrawing.NODE_WIDTH, GraphDrawing.NODE_HEIGHT)
        val drawn = edges.zip(ends) { edge, (from, to) ->
            DrawnEdge(edge.rank, from, to, edge.effect?.let { abs(it.mean) / largest }, colour(edge))
        }
        return GraphDrawing(nodes.map(::drawn), drawn, placed, links)
    }

    private fun colour(edge: GraphEdge): String {
        val effect = edge.effect
        return when {
            effect == null || ranked.unsigned -> Palette.OTHER
            effect.mean < 0 -> Palette.BELOW
            else -> Palette.ABOVE
        }
    }

    private fun drawn(node: GraphNode): DrawnNode {
        val colour =
            when (node.kind) {
                NodeKind.End -> Palette.OTHER
                NodeKind.Head, NodeKind.KeyValue -> Palette.LINES[2]
                NodeKind.Mlp -> Palette.LINES[3]
            }
        val dashes = "3 2".takeIf { node.kind == NodeKind.KeyValue }
        return DrawnNode(node.id, node.id, node.layer, colour, dashes, node.layer == null && node.row > 0)
    }
}

/** Edges, circuits and attribution graphs. */
internal object GraphView : View {
    override val kind = FigureKind.Graph
    override val script = "graph"

    override fun fits(grid: ResultGrid) =
        grid.result.edges != null || grid.result.circuit != null || grid.result.graphs != null

    override fun draw(
        grid: ResultGrid,
        frame: Frame,
    ): Drawing {
        val graph = FeatureGraphFigure.of(grid)
        return graph?.drawing(frame.alternative) ?: GraphFigure(grid, frame.others).drawing(frame.alternative)
    }

    override fun data(
        grid: ResultGrid,
        plain: FigureData,
    ): FigureData {
        val graph = FeatureGraphFigure.of(grid)
        val edges = grid.result.circuit?.edges ?: grid.result.edges?.edges ?: grid.cells
        return plain.copy(view = script, total = graph?.total ?: edges, nodes = graph?.facts)
    }

    override fun edges(
        grid: ResultGrid,
        others: OtherResults,
    ): List<EdgeData> = FeatureGraphFigure.of(grid)?.data ?: GraphFigure(grid, others).data
}
