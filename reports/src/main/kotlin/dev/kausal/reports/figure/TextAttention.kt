package dev.kausal.reports.figure

import dev.kausal.reports.result.Blocks
import dev.kausal.reports.result.ResultGrid
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.NumberList
import dev.kausal.spec.Numbers

/** Maximum number of texts drawn; the others are in the bundle. */
internal const val MOST_TEXTS: Int = 8

/** Maximum number of weights drawn over all texts. */
private const val MOST_WEIGHTS = 150_000

/** Returns the first of [texts], as many as fit on a page, but at least one. */
internal fun drawnTexts(texts: List<ResultGrid>): List<ResultGrid> {
    var weights = 0
    return texts.take(MOST_TEXTS).filterIndexed { i, text ->
        weights += text.cells
        i == 0 || weights <= MOST_WEIGHTS
    }
}

/** Returns whether a result is attention between tokens. */
internal fun isOfTokens(grid: ResultGrid): Boolean =
    grid.axes.size in 3..4 && grid.axes.takeLast(2).map { it.name } == listOf("query", "key") &&
        grid.axes.first().name == "layer"

/**
 * Splits [grid] by text if texts have different tokens, so that their mean would be meaningless; else returns it
 * unchanged. Texts of one template, with the same tokens at most positions, are averaged.
 */
internal fun byText(grid: ResultGrid): List<ResultGrid> {
    val prompts = grid.result.examples.indices.map { grid.prompt(it) }
    if (prompts.size < 2 || prompts.any { it == null || it.image != null }) return listOf(grid)
    val tokens = prompts.map { it!!.tokens }
    val longest = tokens.maxOf { it.size }
    val shared = (0 until longest).count { at -> tokens.map { it.getOrNull(at) }.distinct().size == 1 }
    return if (2 * shared >= longest) listOf(grid) else Texts(grid)
}

/** The examples of [grid], created lazily. */
private class Texts(
    private val grid: ResultGrid,
) : AbstractList<ResultGrid>() {
    override val size: Int get() = grid.result.examples.size

    override fun get(index: Int): ResultGrid = text(grid, index)
}

/** The numbers of one text, in a row padded for longer ones. */
private class OwnNumbers(
    private val row: NumberList,
    private val side: Int,
    private val tokens: Int,
    before: Int,
) : NumberList() {
    override val size: Int = before * tokens * tokens

    override fun at(index: Int): Double {
        val before = index / (tokens * tokens)
        return row.at((before * side + index / tokens % tokens) * side + index % tokens)
    }
}

/** Returns one example, with its own tokens on the axes. */
private fun text(
    grid: ResultGrid,
    example: Int,
): ResultGrid {
    val prompt = grid.prompt(example)!!
    val row = grid.result.perExample[example]
    val axes =
        grid.axes.dropLast(2) + AxisSpec("query", prompt.tokens) + AxisSpec("key", prompt.tokens)
    val before = grid.axes.dropLast(2).fold(1) { n, axis -> n * axis.labels.size }
    val blocks = row as? Blocks
    val side = blocks?.axes?.last()?.labels?.size ?: grid.sizes.last()
    val own = OwnNumbers(Numbers.of(blocks?.whole ?: row), side, prompt.tokens.size, before)
    val shown = if (blocks == null) own else Blocks(own, axes, blocks.widths)
    val ends = (shown as? Blocks)?.ends() ?: axes
    val one =
        grid.result.copy(
            axes = ends,
            shape = ends.map { it.labels.size },
            examples = listOf(listOfNotNull(prompt.text, prompt.second).joinToString(" | ")),
            perExample = listOf(shown),
            mean = shown,
            ciLow = emptyList(),
            ciHigh = emptyList(),
        )
    return grid.with(one)
}

/** Returns [grid] with an axis of heads, which is added for a mean over heads. */
internal fun withHeads(grid: ResultGrid): ResultGrid {
    if (grid.axes.size == 4) return grid
    val heads = AxisSpec("head", listOf(ALL_HEADS))
    val axes = listOf(grid.axes.first(), heads) + grid.axes.drop(1)
    val mean = grid.blocks?.withAxis(1, heads) ?: grid.result.mean
    return grid.with(grid.result.copy(axes = axes, shape = axes.map { it.labels.size }, mean = mean))
}

/** Describes a layer and a head of it; for means, what they are over. */
internal fun headName(
    layer: String,
    head: String,
): String =
    (if (layer == ALL_HEADS) "mean over layers" else "layer $layer") +
        (if (head == ALL_HEADS) ", mean over heads" else ", head $head")

/** Label of the mean over heads or layers. */
internal const val ALL_HEADS: String = "mean"

/** Returns the cell of the largest attention weight that [isInformative]; the largest of all if none is. */
internal fun largestWeight(grid: ResultGrid): Int? =
    grid.cellOfMost { cell -> if (isInformative(grid, cell)) grid.mean(cell) else null } ?: grid.highest

/** Returns whether the key is neither the query nor the first token, which is an attention sink. */
internal fun isInformative(
    grid: ResultGrid,
    cell: Int,
): Boolean {
    val keys = grid.sizes[3]
    val key = cell % keys
    return key != 0 && key != cell / keys % grid.sizes[2]
}

/** Explains a row; blocks do not sum to 1. */
internal fun rowWords(grid: ResultGrid): String =
    grid.blocks?.widths?.let { "each square is the largest weight of ${it[2]} \u00d7 ${it[3]} tokens" }
        ?: "each full row sums to 1"
