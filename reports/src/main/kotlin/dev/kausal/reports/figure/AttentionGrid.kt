package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.svg.Attribute
import dev.kausal.reports.svg.Markup
import dev.kausal.reports.svg.Palette
import dev.kausal.reports.svg.labelRoom
import dev.kausal.reports.svg.markup
import dev.kausal.reports.svg.paper
import dev.kausal.reports.svg.svg
import dev.kausal.reports.svg.tag
import dev.kausal.reports.svg.text
import dev.kausal.reports.svg.textWidth
import dev.kausal.reports.words.count
import dev.kausal.reports.words.number
import kotlin.math.roundToInt

private const val LEVELS = 12
private const val MOST_SQUARES = 24000
private const val OPEN_LAYERS = 6
private const val FIRST_INK = "0.12"

/** Up to this many tokens, squares are large, and every token is labelled. */
private const val SMALL_TEXT = 16
private const val LONG_TEXT = 150

/** Attention [layer, head, query, key] or [layer, query, key], drawn text by text if texts differ. */
internal fun attentionFigure(
    grid: ResultGrid,
    alternative: String,
): Drawing {
    val texts = byText(grid)
    if (texts.size == 1) return attentionOf(withHeads(texts.single()), alternative)
    val drawings = drawnTexts(texts).map { it.exampleName(0) to attentionOf(withHeads(it), alternative) }
    val left = texts.size - drawings.size
    val rest = if (left > 0) line("${count(left, "more text")} in ${grid.file}.") else Markup.NONE
    val each =
        drawings.withIndex().markup { (i, of) ->
            val (name, drawing) = of
            tag("div", "class" to "text", "data-example" to i) { named(name) + drawing.content }
        }
    val apart = " One drawing per text: their tokens differ, so no mean is taken."
    return Drawing(each + rest, drawings.first().second.reading + apart)
}

/** Draws all heads as small squares, then each layer's mean over heads, with its tokens. */
private fun attentionOf(
    grid: ResultGrid,
    alternative: String,
): Drawing {
    val maps = AttentionMaps(grid)
    val several = grid.sizes[1] > 1
    val head = AttentionHead(grid).markup()
    val single = !head.isEmpty && grid.sizes[0] * grid.sizes[1] == 1
    val means = if (single) Markup.NONE else layerMeans(grid, maps)
    val cut = if (maps.faintest > 1) " Weights below ${number((maps.faintest - 0.5) / LEVELS, 2)} are left out." else ""
    val parts = listOfNotNull(
        "all heads, one row per layer".takeIf { several },
        AttentionHead.READING.takeIf { !head.isEmpty },
        "each layer's mean over heads".takeIf { several },
        "each layer".takeIf { !several && !single && !head.isEmpty },
    )
    val order = if (parts.size < 2) "" else parts.joinToString("; ", "From top to bottom: ", ". ")
    val reading = order +
        "Rows are queries, columns keys; the stronger the colour, the larger the weight, and ${rowWords(grid)}. " +
        "Weights below ${number(0.5 / LEVELS, 2)} are not drawn.${maps.onlyBack()}$cut${maps.naming()}"
    val overview = if (several) maps.overview(alternative) else Markup.NONE
    val title = if (several) "Mean over heads, layer by layer" else "Layer by layer"
    val below = if (head.isEmpty || means.isEmpty) means else folded(title) { means }
    return Drawing(overview + head + below, reading)
}

/** Draws each layer's mean over heads: those around the layer with the largest weight, and the others folded. */
private fun layerMeans(
    grid: ResultGrid,
    maps: AttentionMaps,
): Markup {
    val means = (0 until grid.sizes[0]).map { block("layer-map") { maps.layer(it) } }
    val first = (grid.place(largestWeight(grid) ?: 0)[0] - OPEN_LAYERS / 2)
        .coerceIn(0, maxOf(0, means.size - OPEN_LAYERS))
    val others = means.take(first) + means.drop(first + OPEN_LAYERS)
    val more = if (others.isEmpty()) {
        Markup.NONE
    } else {
        folded(count(others.size, "more layer")) { block("maps") { Markup.joined(others) } }
    }
    return block("maps") { Markup.joined(means.drop(first).take(OPEN_LAYERS)) } + more
}

private class AttentionMaps(
    val grid: ResultGrid,
) {
    private val layers = grid.sizes[0]
    private val heads = grid.sizes[1]
    private val queries = grid.sizes[2]
    private val keys = grid.sizes[3]

    /** Size of a square of [layer], and the spacing of labelled tokens. */
    private val square = if (keys <= SMALL_TEXT) {
        20
    } else if (keys <= LONG_TEXT) {
        12
    } else {
        4
    }
    private val named = if (keys <= LONG_TEXT) 1 else 3

    private val counts = IntArray(LEVELS + 1).also { n ->
        for (cell in 0 until grid.cells) n[level(grid.mean(cell))]++
    }

    /** The weakest level that is drawn; above 1 if the figure would become too large. */
    val faintest: Int =
        (1..LEVELS).first { from -> from == LEVELS || (from..LEVELS).sumOf { counts[it] } <= MOST_SQUARES }

    /** Explains why the upper triangle is empty; an empty text if it is not. */
    fun onlyBack(): String {
        val ahead = (0 until grid.cells).any { cell ->
            cell % keys > cell / keys % queries && (grid.mean(cell) ?: 0.0) > 0
        }
        return if (ahead) "" else " The upper triangle is empty: attention is causal."
    }

    /** Explains that only some tokens are labelled; an empty text if all are. */
    fun naming(): String = if (named == 1) "" else " Every third token is labelled."

    private fun level(weight: Double?): Int = ((weight ?: 0.0).coerceIn(0.0, 1.0) * LEVELS).roundToInt()

    private fun weight(
        layer: Int,
        head: Int,
        query: Int,
        key: Int,
    ): Double? = grid.mean(((layer * heads + head) * queries + query) * keys + key)

    private fun meanWeight(
        layer: Int,
        query: Int,
        key: Int,
    ): Double? {
        var sum = 0.0
        var count = 0
        for (head in 0 until heads) {
            sum += weight(layer, head, query, key) ?: continue
            count++
        }
        return if (count == 0) null else sum / count
    }

    /** Draws every head: one path per level of ink, with a stroke of unit width per square. */
    fun overview(alternative: String): Markup {
        val square = if (keys <= 14) {
            6
        } else if (keys <= 30) {
            3
        } else if (keys <= LONG_TEXT) {
            2
        } else {
            1
        }
        val step = keys * square + 8
        val rise = queries * square + 8
        val cells = (0 until layers).markup { layer ->
            val top = 24 + layer * rise
            (0 until heads).markup { head -> small(layer, head, 64 + head * step to top, square) }
        }
        val names = grid.labels(1)
        val text =
            names.indices.markup { label(64 + it * step + keys * square / 2, 16, names[it], "middle") } +
                grid.labels(0).withIndex().markup { (i, name) ->
                    label(56, 24 + i * rise + rise / 2, "layer $name", "end")
                }
        val (width, height) = 72 + heads * step to 28 + layers * rise
        return svg(width, height, alternative, "class" to "heads", "data-square" to square) {
            paper(width, height) + cells + text
        }
    }

    /** Draws one head, from its own corner. */
    private fun small(
        layer: Int,
        head: Int,
        corner: Pair<Int, Int>,
        square: Int,
    ): Markup {
        val paths = List(LEVELS + 1) { StringBuilder() }
        squares(paths, layer, head, square)
        val size = arrayOf<Attribute>("width" to keys * square, "height" to queries * square)
        val place = "translate(${corner.first} ${corner.second})"
        return tag("g", "data-l" to layer, "data-h" to head, "transform" to place) {
            tag("rect", "class" to "frame", *size, "fill" to "#fff", "stroke" to "#ccc") + ink(paths, square)
        }
    }

    private fun squares(
        paths: List<StringBuilder>,
        layer: Int,
        head: Int,
        square: Int,
    ) {
        for (query in 0 until queries) {
            for (key in 0 until keys) {
                val level = level(weight(layer, head, query, key))
                if (level < faintest) continue
                paths[level].append("M${key * square} ${middle(query * square, square)}h$square")
            }
        }
    }

    private fun middle(
        top: Int,
        square: Int,
    ): String = if (square % 2 == 0) "${top + square / 2}" else "${top + square / 2}.5"

    private fun ink(
        paths: List<StringBuilder>,
        square: Int,
    ): Markup =
        tag("g", "fill" to "none", "stroke" to Palette.BELOW, "stroke-width" to square) {
            paths.withIndex().filter { it.value.isNotEmpty() }.markup {
                val opacity = if (it.index == 1) FIRST_INK else number(it.index.toDouble() / LEVELS, 2)
                tag("path", "stroke-opacity" to opacity, "d" to it.value)
            }
        }

    /** Draws the mean over the heads of [layer], large enough for its tokens. */
    fun layer(layer: Int): Markup {
        val queryLabels = grid.labels(2)
        val keyLabels = grid.labels(3)
        val title = grid.labels(0)[layer].let { if (it == ALL_HEADS) "Mean over layers" else "Layer $it" }
        val left = 14 + labelRoom(queryLabels)
        val top = 32 + labelRoom(keyLabels)
        val paths = List(LEVELS + 1) { StringBuilder() }
        for (query in 0 until queries) {
            for (key in 0 until keys) {
                val level = level(meanWeight(layer, query, key))
                if (level == 0) continue
                paths[level].append("M${left + key * square} ${top + query * square + square / 2}h$square")
            }
        }
        val baseline = square / 2 + 4
        val text = (queryLabels.indices step named).markup {
            label(left - 6, top + it * square + baseline, queryLabels[it], "end")
        } +
            (keyLabels.indices step named).markup {
                upright(left + it * square + square / 2 + 4, top - 6, keyLabels[it])
            }
        val (width, height) = maxOf(keys * square, textWidth(title) - left) to queries * square
        val place =
            arrayOf<Attribute>("data-layer" to layer, "data-x" to left, "data-y" to top, "data-square" to square)
        val outline = "M$left ${top}h${keys * square}v${height}h-${keys * square}z"
        val frame = tag("path", "class" to "frame", "d" to outline, "fill" to "#fff", "stroke" to "#ccc")
        val (right, bottom) = left + width + 4 to top + height + 4
        return svg(right, bottom, "$title, mean attention over its heads", *place) {
            paper(right, bottom) + label(0, 14, title, "start", "600") + frame + ink(paths, square) + text
        }
    }

    private fun label(
        x: Int,
        y: Int,
        text: String,
        anchor: String,
        weight: String = "400",
    ): Markup {
        val ink = arrayOf<Attribute>("font-size" to 12, "font-weight" to weight, "fill" to Palette.TEXT)
        return tag("text", "x" to x, "y" to y, "text-anchor" to anchor, *ink) { text(text) }
    }

    private fun upright(
        x: Int,
        y: Int,
        text: String,
    ): Markup {
        val place = "translate($x $y) rotate(-90)"
        return tag("text", "transform" to place, "font-size" to 12, "fill" to Palette.TEXT) { text(text) }
    }
}
