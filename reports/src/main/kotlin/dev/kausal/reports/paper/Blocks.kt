package dev.kausal.reports.paper

import org.w3c.dom.Element
import org.w3c.dom.Node
import kotlin.math.ceil

/** A part of a figure on paper, with its size in the units of the drawings. */
internal sealed interface Block {
    val width: Double
    val height: Double

    /** A drawing at its own size, or scaled to [width]. */
    class Drawn(
        val svg: Element,
        override val width: Double,
        override val height: Double,
    ) : Block

    /** A line of text. */
    class Words(
        val text: String,
        val size: Double,
        val bold: Boolean = false,
    ) : Block {
        override val width: Double = Outlines.width(text, size)
        override val height: Double = ceil(size * LEADING)
    }

    /** Blocks beside each other, each with its caption below. */
    class Row(
        val parts: List<Pair<Drawn, Words?>>,
    ) : Block {
        override val width: Double = parts.sumOf { (drawn, _) -> drawn.width } + GAP * (parts.size - 1)
        override val height: Double = parts.maxOf { (drawn, words) -> drawn.height + (words?.height ?: 0.0) }
    }

    companion object {
        /** Distance between blocks. */
        const val GAP: Double = 8.0

        /** Usual size of text. */
        const val TEXT_SIZE: Double = 12.0
        private const val LEADING = 1.4
    }
}

/** Width of panels of images, by the style that the page gives them. */
private const val PANEL = 150.0
private const val SMALL_PANEL = 90.0

/** Number of panels beside each other. */
private const val COLUMNS = 3
private const val SMALL_COLUMNS = 5
private const val CAPTION = 10.0

/** Returns the blocks of a figure's [content], for the example at place [example] where each has its own drawing. */
internal fun blocksOf(
    content: Element,
    example: Int,
): List<Block> = content.elements().flatMap { block(it, example) }

private fun block(
    element: Element,
    example: Int,
): List<Block> =
    when {
        element.isHidden() -> emptyList()
        element.isOf("example") || element.isOf("text") -> ofExample(element, example)
        element.tagName == "svg" -> listOf(drawn(element, element.number("width")))
        element.isOf("panels") -> rows(element)
        element.isOf("strip") || element.tagName == "details" || element.tagName == "table" -> emptyList()
        element.tagName == "p" -> listOf(words(element))
        else -> blocksOf(element, example)
    }

/** Returns the blocks of [part] if it is of the example; parts without a number are of all. */
private fun ofExample(
    part: Element,
    example: Int,
): List<Block> =
    if (part.getAttribute("data-example").let {
            it.isEmpty() || it == "$example"
        }
    ) {
        blocksOf(part, example)
    } else {
        emptyList()
    }

private fun words(element: Element) =
    Block.Words(element.textContent.trim(), Block.TEXT_SIZE, element.elements().any { it.tagName == "strong" })

private fun drawn(
    svg: Element,
    width: Double,
) = Block.Drawn(svg, width, width * svg.number("height") / svg.number("width"))

private fun rows(panels: Element): List<Block> {
    val small = panels.isOf("small") || panels.isOf("heads")
    val side = if (small) SMALL_PANEL else PANEL
    val parts = panels.elements().filter { it.isOf("panel") }.mapNotNull { panel ->
        val svg = panel.elements().find { it.tagName == "svg" } ?: return@mapNotNull null
        drawn(svg, side) to panel.elements().find { it.tagName == "span" }?.let { shortened(it.textContent, side) }
    }
    return parts.chunked(if (small) SMALL_COLUMNS else COLUMNS).map { Block.Row(it) }
}

/** Returns a caption of at most [width]; a longer one ends in an ellipsis. */
private fun shortened(
    text: String,
    width: Double,
): Block.Words {
    val fitting = text.indices.reversed().map { text.take(it + 1) }
        .find { Outlines.width(if (it == text) it else "$it\u2026", CAPTION) <= width }.orEmpty()
    return Block.Words(if (fitting == text) text else fitting.trimEnd() + "\u2026", CAPTION)
}

private fun Element.isHidden() =
    getAttribute("display") == "none" || isOf("pinned") || isOf("photos")

internal fun Element.isOf(style: String): Boolean = style in getAttribute("class").split(' ')

internal fun Element.number(name: String): Double = getAttribute(name).toDoubleOrNull() ?: 0.0

internal fun Node.elements(): List<Element> =
    (0 until childNodes.length).map { childNodes.item(it) }.filterIsInstance<Element>()
