package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.svg.Attribute
import dev.kausal.reports.svg.Markup
import dev.kausal.reports.svg.Palette
import dev.kausal.reports.svg.labelRoom
import dev.kausal.reports.svg.markup
import dev.kausal.reports.svg.paper
import dev.kausal.reports.svg.svg
import dev.kausal.reports.svg.svgText
import dev.kausal.reports.svg.tag
import dev.kausal.reports.svg.text
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

    fun markup(): Markup {
        if (queries.size > MOST_TOKENS || keys.size > MOST_TOKENS) return Markup.NONE
        val name = headName(grid.labels(0)[start[0]], grid.labels(1)[start[1]])
        val what = if (grid.sizes[1] > 1) "One head: " else ""
        val place = arrayOf<Attribute>("data-layer" to start[0], "data-head" to start[1], "data-keys" to keys.size)
        return tag("div", "class" to "one-head", *place) {
            line { text(what) + tag("strong", "class" to "head-name") { text(name) } } +
                block("views") { lines(name) + matrix(name) }
        }
    }

    private fun lines(name: String): Markup {
        val left = 12 + labelRoom(queries + QUERY)
        val right = left + LINES_WIDE
        val height = 30 + maxOf(queries.size, keys.size) * LINE_ROW
        val width = right + maxOf(HEADING, 12 + labelRoom(keys))
        val paths = pairs { q, k ->
            val (from, to) = middle(q) to middle(k)
            val curve = "M$left ${from}C${left + BEND} $from ${right - BEND} $to $right $to"
            tag("path", "data-q" to q, "data-k" to k, "d" to curve, "stroke-opacity" to opacity(q, k))
        }
        val from = queries.indices.markup { token(it, "q", 0, left - 4, queries[it], "end") }
        val to = keys.indices.markup { token(it, "k", right + 4, width - right - 6, keys[it], "start") }
        val what = "Attention of $name as lines from queries, left, to keys"
        val ink = arrayOf<Attribute>("fill" to "none", "stroke" to Palette.BELOW, "stroke-width" to 3)
        return svg(width, height, what, "class" to "lines") {
            paper(width, height) + svgText(left - 6, 16, QUERY, "end") + svgText(right + 8, 16, "key") +
                tag("g", "class" to "look", *ink) { paths } + from + to
        }
    }

    /** Draws a token at an end of the lines, with a background to shade by its weight. */
    private fun token(
        i: Int,
        side: String,
        x: Int,
        width: Int,
        text: String,
        anchor: String,
    ): Markup {
        val place = arrayOf<Attribute>("x" to x, "y" to middle(i) - LINE_ROW / 2 + 1)
        val size = arrayOf<Attribute>("width" to width, "height" to LINE_ROW - 2, "rx" to 3)
        val at = if (anchor == "end") x + width - 4 else x + 4
        return tag("g", "class" to "end", "data-$side" to i) {
            tag("rect", "class" to "shade", *place, *size, "fill" to Palette.BELOW, "fill-opacity" to 0) +
                svgText(at, middle(i) + 4, text, anchor)
        }
    }

    private fun middle(row: Int): Int = 26 + row * LINE_ROW + LINE_ROW / 2

    private fun matrix(name: String): Markup {
        val square = if (keys.size <= 16) 20 else 12
        val left = 14 + labelRoom(queries)
        val top = 12 + labelRoom(keys)
        val (width, height) = keys.size * square to queries.size * square
        val squares = pairs { q, k ->
            val place = arrayOf<Attribute>("x" to left + k * square, "y" to top + q * square)
            val size = arrayOf<Attribute>("width" to square, "height" to square)
            tag("rect", "data-c" to q * keys.size + k, *place, *size, "fill-opacity" to opacity(q, k))
        }
        val rows = queries.indices.markup {
            svgText(left - 6, top + it * square + square / 2 + 4, queries[it], "end")
        }
        val columns = keys.indices.markup {
            svgText(left + it * square + square / 2 + 4, top - 6, keys[it], turn = -90)
        }
        val box = arrayOf<Attribute>("x" to left, "y" to top, "width" to width, "height" to height)
        val frame = tag("rect", "class" to "frame", *box, "fill" to "#fff", "stroke" to "#ccc")
        val (right, bottom) = left + width + 4 to top + height + 4
        return svg(right, bottom, "Attention of $name as a matrix", "class" to "matrix") {
            paper(right, bottom) + frame + tag("g", "class" to "cells", "fill" to Palette.BELOW) { squares } + rows +
                columns
        }
    }

    /** Applies [draw] to every pair of tokens with attention from the first to the second in some head. */
    private fun pairs(draw: (Int, Int) -> Markup): Markup =
        queries.indices.markup { q -> keys.indices.filter { seen[q][it] }.markup { draw(q, it) } }

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
