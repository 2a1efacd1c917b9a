package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.svg.Palette
import dev.kausal.reports.svg.labelRoom
import dev.kausal.reports.svg.paper
import dev.kausal.reports.svg.svgRoot
import dev.kausal.reports.svg.svgText
import dev.kausal.reports.words.escaped
import dev.kausal.reports.words.number

private const val MOST_TOKENS = 48
private const val LINE_ROW = 22
private const val LINES_WIDE = 180
private const val BEND = 70
private const val HEADING = 70
private const val FAINTEST = 0.005

/**
 * One head's attention, drawn twice: as lines between tokens, and as a matrix whose numbers can be queried.
 *
 * Lines and cells of weight 0 are included, so that the page can show another head by changing opacities.
 */
internal class AttentionHead(
    private val grid: ResultGrid,
) {
    private val queries = grid.labels(2)
    private val keys = grid.labels(3)

    /** The head that attends most sharply to one token, else the first. */
    private val start: List<Int> by lazy { (largestWeight(grid) ?: 0).let { grid.place(it).take(2) } }
    private val seen by lazy { List(queries.size) { q -> List(keys.size) { k -> sees(q, k) } } }

    /** Returns whether any head of any layer gives some of [query]'s attention to [key]. */
    private fun sees(
        query: Int,
        key: Int,
    ): Boolean = (0 until grid.sizes[0] * grid.sizes[1]).any { head ->
        (grid.mean((head * queries.size + query) * keys.size + key) ?: 0.0) > 0
    }

    private fun cell(
        query: Int,
        key: Int,
    ): Int = grid.index(start + listOf(query, key))

    fun html(): String {
        if (queries.size > MOST_TOKENS || keys.size > MOST_TOKENS) return ""
        val name = headName(grid.labels(0)[start[0]], grid.labels(1)[start[1]])
        val what = if (grid.sizes[1] > 1) "One head: " else ""
        return "<div class=\"one-head\" data-layer=\"${start[0]}\" data-head=\"${start[1]}\" " +
            "data-keys=\"${keys.size}\"><p class=\"of\">$what<strong class=\"head-name\">${escaped(name)}</strong>" +
            "</p><div class=\"views\">${lines(name)}${matrix(name)}</div></div>"
    }

    private fun lines(name: String): String {
        val left = 12 + labelRoom(queries + QUERY)
        val right = left + LINES_WIDE
        val height = 30 + maxOf(queries.size, keys.size) * LINE_ROW
        val width = right + maxOf(HEADING, 12 + labelRoom(keys))
        val paths = pairs { q, k ->
            val (from, to) = middle(q) to middle(k)
            "<path data-q=\"$q\" data-k=\"$k\" d=\"M$left ${from}C${left + BEND} $from ${right - BEND} $to " +
                "$right $to\" stroke-opacity=\"${opacity(q, k)}\"/>"
        }
        val from = queries.indices.joinToString("") { token(it, "q", 0, left - 4, queries[it], "end") }
        val to = keys.indices.joinToString("") { token(it, "k", right + 4, width - right - 6, keys[it], "start") }
        val what = "Attention of $name as lines from queries, left, to keys"
        return svgRoot("$width", "$height", what).replace("<svg ", "<svg class=\"lines\" ") + paper(width, height) +
            svgText(left - 6, 16, QUERY, "end") + svgText(right + 8, 16, "key") +
            "<g class=\"look\" fill=\"none\" stroke=\"${Palette.BELOW}\" stroke-width=\"3\">$paths</g>$from$to</svg>"
    }

    /** Draws a token at an end of the lines, with a background to shade by its weight. */
    private fun token(
        i: Int,
        side: String,
        x: Int,
        width: Int,
        text: String,
        anchor: String,
    ): String {
        val ground = "<rect class=\"shade\" x=\"$x\" y=\"${middle(i) - LINE_ROW / 2 + 1}\" width=\"$width\" " +
            "height=\"${LINE_ROW - 2}\" rx=\"3\" fill=\"${Palette.BELOW}\" fill-opacity=\"0\"/>"
        val at = if (anchor == "end") x + width - 4 else x + 4
        return "<g class=\"end\" data-$side=\"$i\">$ground${svgText(at, middle(i) + 4, text, anchor)}</g>"
    }

    private fun middle(row: Int): Int = 26 + row * LINE_ROW + LINE_ROW / 2

    private fun matrix(name: String): String {
        val square = if (keys.size <= 16) 20 else 12
        val left = 14 + labelRoom(queries)
        val top = 12 + labelRoom(keys)
        val (width, height) = keys.size * square to queries.size * square
        val squares = pairs { q, k ->
            "<rect data-c=\"${q * keys.size + k}\" x=\"${left + k * square}\" y=\"${top + q * square}\" " +
                "width=\"$square\" height=\"$square\" fill-opacity=\"${opacity(q, k)}\"/>"
        }
        val rows = queries.indices.joinToString("") {
            svgText(left - 6, top + it * square + square / 2 + 4, queries[it], "end")
        }
        val columns = keys.indices.joinToString("") {
            svgText(left + it * square + square / 2 + 4, top - 6, keys[it], turn = -90)
        }
        val frame = "<rect class=\"frame\" x=\"$left\" y=\"$top\" width=\"$width\" height=\"$height\" " +
            "fill=\"#fff\" stroke=\"#ccc\"/>"
        return svgRoot("${left + width + 4}", "${top + height + 4}", "Attention of $name as a matrix")
            .replace("<svg ", "<svg class=\"matrix\" ") + paper(left + width + 4, top + height + 4) +
            "$frame<g class=\"cells\" fill=\"${Palette.BELOW}\">$squares</g>$rows$columns</svg>"
    }

    /** Applies [draw] to every pair of tokens with attention from the first to the second in some head. */
    private fun pairs(draw: (Int, Int) -> String): String =
        queries.indices.joinToString("") { q -> keys.indices.filter { seen[q][it] }.joinToString("") { draw(q, it) } }

    private fun opacity(
        query: Int,
        key: Int,
    ): String {
        val weight = grid.mean(cell(query, key)) ?: 0.0
        return number(if (weight < FAINTEST) 0.0 else weight.coerceAtMost(1.0), 2)
    }

    companion object {
        /** How to read both drawings. */
        const val READING: String = "one head, as lines from query to key and as a matrix"
        private const val QUERY = "query"
    }
}
