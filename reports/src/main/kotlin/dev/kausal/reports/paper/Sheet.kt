package dev.kausal.reports.paper

import org.w3c.dom.Document
import org.w3c.dom.Element
import java.awt.color.ColorSpace
import java.awt.image.BufferedImage
import java.awt.image.ColorConvertOp
import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.util.Base64
import java.util.Locale
import javax.imageio.ImageIO
import kotlin.math.ceil
import kotlin.math.max

private const val SVG = "http://www.w3.org/2000/svg"
private const val DATA = "data:image/png;base64,"

/** Width of the outlines' own line that makes text bold, as a share of its size. */
private const val BOLD = 0.035

/** Pixels of the longer side of an image whose pixels are enlarged. */
private const val SHARP = 512
private const val INK = "#222222"

/** Parts of a drawing that only the page uses. */
private val OF_THE_PAGE = listOf("hit", "reach", "in-dark", "cursor")

/**
 * The blocks of a figure below each other, as one drawing.
 *
 * @property millimetres width on paper
 */
internal class Sheet(
    private val blocks: List<Block>,
    definitions: Element,
    val millimetres: Double,
) {
    /** Width and height in the units of the drawings. */
    val width: Double = blocks.maxOf { it.width }
    val height: Double = blocks.sumOf { it.height } + Block.GAP * (blocks.size - 1)

    private val images = definitions.descendants().filter {
        it.tagName == "image"
    }.associateBy { it.getAttribute("id") }
    private val document: Document = Xml.document()

    fun svg(): String = written

    private val written: String by lazy {
        val root = element(
            "svg",
            "viewBox" to "0 0 ${coordinate(width)} ${coordinate(height)}",
            "width" to "${coordinate(millimetres)}mm",
            "height" to "${coordinate(millimetres * height / width)}mm",
        )
        document.appendChild(root)
        root.appendChild(
            element("rect", "width" to coordinate(width), "height" to coordinate(height), "fill" to "#fff"),
        )
        var y = 0.0
        for (block in blocks) {
            place(block, y).forEach(root::appendChild)
            y += block.height + Block.GAP
        }
        Xml.written(document)
    }

    private fun place(
        block: Block,
        y: Double,
    ): List<Element> =
        when (block) {
            is Block.Drawn -> listOf(drawn(block, 0.0, y))
            is Block.Words -> words(block, 0.0, y)
            is Block.Row -> row(block, y)
        }

    private fun row(
        row: Block.Row,
        y: Double,
    ): List<Element> {
        var x = 0.0
        return row.parts.flatMap { (part, caption) ->
            val placed = listOf(drawn(part, x, y)) + caption?.let { words(it, x, y + part.height) }.orEmpty()
            x += part.width + Block.GAP
            placed
        }
    }

    private fun drawn(
        block: Block.Drawn,
        x: Double,
        y: Double,
    ): Element {
        val copy = document.importNode(block.svg, true) as Element
        plain(copy)
        val place = listOf("x" to x, "y" to y, "width" to block.width, "height" to block.height)
        place.forEach { (name, value) -> copy.setAttribute(name, coordinate(value)) }
        return copy
    }

    /** Removes what only the page uses, and replaces references to images and text. */
    private fun plain(element: Element) {
        for (child in element.elements()) {
            val gone = child.getAttribute("display") == "none" || OF_THE_PAGE.any { child.isOf(it) }
            when {
                gone -> element.removeChild(child)
                child.tagName == "text" -> outlined(child)?.let { element.replaceChild(it, child) }
                child.tagName == "use" -> image(child)?.let { element.replaceChild(it, child) }
                child.tagName == "image" -> sharpen(child)
                else -> plain(child)
            }
        }
        // Some renderers draw a line of width 0 as their thinnest.
        if (element.getAttribute("stroke-width").toDoubleOrNull() == 0.0) element.setAttribute("stroke", "none")
        val own = (0 until element.attributes.length).map { element.attributes.item(it).nodeName }
        own.filter { it.startsWith("data-") || it == "class" || it == "role" || it == "aria-label" || it == "tabindex" }
            .forEach(element::removeAttribute)
    }

    /** Returns the outlines of a text; null if the font lacks a character, so that it stays text. */
    private fun outlined(text: Element): Element? {
        val words = text.textContent
        if (!Outlines.has(words)) return null
        val size = text.getAttribute("font-size").removeSuffix("px").toDoubleOrNull() ?: Block.TEXT_SIZE
        val width = Outlines.width(words, size)
        val shift = when (text.getAttribute("text-anchor")) {
            "middle" -> -width / 2
            "end" -> -width
            else -> 0.0
        }
        val rise = rise(text, size)
        val bold =
            (text.getAttribute("font-weight").toIntOrNull() ?: 0) >= 600 || text.getAttribute("font-weight") == "bold"
        val path =
            outline(words, size, text.number("x") + shift, text.number("y") + rise, bold, text.getAttribute("fill"))
        text.getAttribute("transform").takeIf { it.isNotEmpty() }?.let { path.setAttribute("transform", it) }
        return path
    }

    /** Returns how far below its `y` the baseline of a text is: Lets-Plot shifts it with `dy`, in parts of its size. */
    private fun rise(
        text: Element,
        size: Double,
    ): Double {
        val shift = text.getAttribute("dy")
        return shift.removeSuffix("em").toDoubleOrNull()?.let { if (shift.endsWith("em")) it * size else it } ?: 0.0
    }

    private fun outline(
        words: String,
        size: Double,
        x: Double,
        y: Double,
        bold: Boolean,
        colour: String = INK,
    ): Element {
        val ink = colour.ifEmpty { INK }
        val line = if (bold) arrayOf("stroke" to ink, "stroke-width" to coordinate(BOLD * size)) else emptyArray()
        return element("path", "d" to Outlines.path(words, size, x, y), "fill" to ink, *line)
    }

    private fun words(
        block: Block.Words,
        x: Double,
        y: Double,
    ): List<Element> =
        if (Outlines.has(block.text)) {
            listOf(outline(block.text, block.size, x, y + block.size, block.bold))
        } else {
            val text = element(
                "text",
                "x" to coordinate(x),
                "y" to coordinate(y + block.size),
                "font-size" to "${block.size}",
            )
            text.textContent = block.text
            listOf(text)
        }

    /** Returns the image that [use] refers to; null if it refers to something else. */
    private fun image(use: Element): Element? {
        val image = images[use.getAttribute("href").removePrefix("#")] ?: return null
        val copy = document.importNode(image, true) as Element
        copy.removeAttribute("id")
        sharpen(copy)
        if (use.getAttribute(
                "filter",
            ).startsWith("grayscale")
        ) {
            copy.setAttribute("href", grey(copy.getAttribute("href")))
        }
        return copy
    }

    /** Enlarges an image whose pixels are squares: most renderers would interpolate between them. */
    private fun sharpen(image: Element) {
        if (image.getAttribute("image-rendering") != "pixelated") return
        image.setAttribute(
            "href",
            changed(image.getAttribute("href")) { picture ->
                val times = ceil(SHARP / max(picture.width, picture.height).toDouble()).toInt().coerceAtLeast(1)
                val large = BufferedImage(times * picture.width, times * picture.height, BufferedImage.TYPE_INT_ARGB)
                large.createGraphics().run {
                    drawImage(picture, 0, 0, large.width, large.height, null)
                    dispose()
                }
                large
            },
        )
        image.removeAttribute("image-rendering")
    }

    private fun grey(address: String): String =
        changed(address) { ColorConvertOp(ColorSpace.getInstance(ColorSpace.CS_GRAY), null).filter(it, null) }

    private fun changed(
        address: String,
        change: (BufferedImage) -> BufferedImage,
    ): String {
        val png = Base64.getDecoder().decode(address.removePrefix(DATA))
        val picture = ImageIO.read(ByteArrayInputStream(png)) ?: return address
        val bytes = ByteArrayOutputStream().also { ImageIO.write(change(picture), "png", it) }.toByteArray()
        return DATA + Base64.getEncoder().encodeToString(bytes)
    }

    private fun element(
        name: String,
        vararg attributes: Pair<String, String>,
    ): Element = document.createElementNS(SVG, name).also { made ->
        attributes.forEach { (key, value) -> made.setAttribute(key, value) }
    }

    private fun Element.descendants(): List<Element> = elements().flatMap { listOf(it) + it.descendants() }

    private fun coordinate(value: Double) = "%.2f".format(Locale.ROOT, value).trimEnd('0').trimEnd('.')
}
