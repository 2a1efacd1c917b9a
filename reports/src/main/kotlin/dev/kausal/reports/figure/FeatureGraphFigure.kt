package dev.kausal.reports.figure

import dev.kausal.reports.result.RankedLinks
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.svg.Markup
import dev.kausal.reports.svg.Palette
import dev.kausal.reports.svg.markup
import dev.kausal.reports.svg.tag
import dev.kausal.reports.svg.text
import dev.kausal.reports.words.count
import dev.kausal.reports.words.number
import dev.kausal.reports.words.signed
import dev.kausal.spec.FeatureGraphRecord
import dev.kausal.spec.FeatureNode
import dev.kausal.spec.FeatureNodeKind
import kotlin.math.abs

/** Numbers of edges of which the page has a drawing each, and the most that it draws. */
private val STEPS = listOf(10, 30)
private const val FIRST = 30
private const val MOST = 100

/** Longest text of a token in a node. */
private const val LETTERS = 8

/** The attribution graph of a prompt: layers up, positions across. */
internal class FeatureGraphFigure private constructor(
    private val grid: ResultGrid,
    private val graph: FeatureGraphRecord,
) {
    private val ranked = RankedLinks(graph)
    private val shown = ranked.links.take(MOST)
    private val largest = shown.maxOfOrNull { abs(it.link.weight) }?.takeIf { it > 0 } ?: 1f
    private val first = FIRST.coerceAtMost(shown.size)
    private val steps = (STEPS + FIRST + shown.size).filter { it in 1..shown.size }.distinct().sorted()

    /** Number of edges after pruning. */
    val total: Int = graph.links.size

    /** The edges for the page's script. */
    val data: List<EdgeData> =
        shown.map { one ->
            val (from, to) = ends(one).toList().map(ranked::name)
            EdgeData("$from -> $to", from, to, rounded(one.link.weight.toDouble()))
        }

    /** What is known of each node. */
    val facts: Map<String, List<String>> =
        shown.flatMap { ends(it).toList() }.distinct().associate { ranked.name(it) to facts(it) }

    fun drawing(alternative: String): Drawing {
        if (shown.isEmpty()) return Drawing(absent("No edge to draw."), "")
        val signs = listOf(Palette.BELOW to "lowers what it leads to", Palette.ABOVE to "raises what it leads to")
        val legend = edgeLegend(signs)
        return Drawing(legend + steps.markup { drawn(it).svg(alternative, it, first) } + table(), reading())
    }

    private fun ends(one: RankedLinks.Ranked): Pair<FeatureNode, FeatureNode> =
        graph.nodes[one.link.source] to graph.nodes[one.link.target]

    private fun facts(node: FeatureNode): List<String> =
        listOfNotNull(
            node.activation?.let { "activation ${number(it.toDouble())}" },
            node.probability?.let { "probability ${number(it)}" },
            node.influence?.let { "influence on the logits ${number(it)}" },
        )

    private fun reading(): String {
        val others = grid.result.examples.size - 1
        val elsewhere = if (others == 1) "graph of the other prompt is" else "graphs of the other $others prompts are"
        val example = grid.result.examples.firstOrNull()
        val which = if (others > 0) "Prompt: $example; the $elsewhere in the bundle. " else ""
        return which + "Shown: $first of ${count(total, "edge")} after pruning, those that carry most of the " +
            "influence on the logits first. Layers go from bottom to top, positions from left to right; a box is an " +
            "active feature with its number, an error of the transcoder (dashed), a token, or a next token. " +
            "The wider an edge, the larger the direct effect."
    }

    private fun drawn(most: Int): GraphDrawing {
        val edges = shown.take(most)
        val order = compareBy<FeatureNode>({ row(it) }, { it.position }, { it.number })
        val nodes = edges.flatMap { ends(it).toList() }.distinct().sortedWith(order)
        val layout =
            PositionLayout(
                nodes.map { CellOf(ranked.name(it), row(it), it.position) },
                GraphDrawing.NODE_WIDTH,
                GraphDrawing.NODE_HEIGHT,
            )
        val joined = edges.map { one -> ends(one).let { (from, to) -> ranked.name(from) to ranked.name(to) } }
        val lines = edges.mapIndexed { i, one ->
            val weight = one.link.weight
            val colour = if (weight < 0) Palette.BELOW else Palette.ABOVE
            DrawnEdge(one.rank, joined[i].first, joined[i].second, (abs(weight) / largest).toDouble(), colour)
        }
        val positions = nodes.map { it.position }.distinct().sorted()
        val columns = positions.map { short(ranked.tokens[it]) to layout.middle(it) }
        return GraphDrawing(nodes.map(::drawn), lines, layout.placed(joined), columns = columns)
    }

    private fun row(node: FeatureNode): Int =
        when (node.kind) {
            FeatureNodeKind.Token -> 0
            FeatureNodeKind.Logit -> Int.MAX_VALUE
            FeatureNodeKind.Feature, FeatureNodeKind.Error -> 1 + node.layer!!
        }

    private fun drawn(node: FeatureNode): DrawnNode {
        val id = ranked.name(node)
        return when (node.kind) {
            FeatureNodeKind.Feature -> DrawnNode(id, "f${node.number}", node.layer, Palette.LINES[3])
            FeatureNodeKind.Error -> DrawnNode(id, "error", node.layer, Palette.OTHER, dashes = "3 2")
            FeatureNodeKind.Token -> DrawnNode(id, short(node.token.orEmpty()), null, Palette.OTHER)
            FeatureNodeKind.Logit -> DrawnNode(id, short(node.token.orEmpty()), null, Palette.LINES[2], isEnd = true)
        }
    }

    private fun short(token: String): String =
        token.trim().ifEmpty { "\u2423" }.let { if (it.length > LETTERS) it.take(LETTERS - 1) + "\u2026" else it }

    private fun table(): Markup =
        folded("The first ${count(shown.size, "edge")} as a table") {
            val head = listOf("Rank", "Edge", "Direct effect", "Share of what enters").markup { heading("col", it) }
            val rows =
                shown.zip(data).markup { (one, edge) ->
                    val cells = listOf(signed(one.link.weight.toDouble()), "${number(PERCENT * one.share, 1)} %")
                    tag("tr") {
                        tag("td") { text("${one.rank}") } + heading("row", edge.name) +
                            cells.markup { tag("td") { text(it) } }
                    }
                }
            scrolledTable("class" to "cells", head = head, rows = rows)
        }

    companion object {
        private const val PERCENT = 100

        /** Returns the figure of the first graph of [grid]; null if it has none. */
        fun of(grid: ResultGrid): FeatureGraphFigure? =
            grid.result.graphs?.firstOrNull()?.let { FeatureGraphFigure(grid, it) }
    }
}
