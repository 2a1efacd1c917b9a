package dev.kausal.reports.svg

import org.jetbrains.letsPlot.commons.encoding.UnsupportedRGBEncoder
import org.jetbrains.letsPlot.core.util.PlotSvgExportCommon
import org.jetbrains.letsPlot.intern.Plot
import org.jetbrains.letsPlot.intern.toSpec
import java.io.StringReader
import javax.xml.stream.XMLInputFactory
import javax.xml.stream.XMLStreamConstants
import javax.xml.stream.XMLStreamReader

/** Private-use placeholders: Lets-Plot reads `<a href>` and `\(` in labels as markup, but tokens must stay text. */
private const val LESS = '\ue000'
private const val BACKSLASH = '\ue001'
private const val HYPHEN = '\ue002'

/** A minus sign that Lets-Plot writes before a number; our labels have [HYPHEN] instead. */
private val SIGN = Regex("^-(?=[0-9.])")
private val RULE = Regex("""\.([\w-]+)\s*\{([^}]*)}""")
private val INDENT = Regex("""\s*\n\s*""")
private val REFERENCE = Regex("#([A-Za-z0-9_-]+)")

/** Parts of a style that become attributes; the font is the page's. */
private val KEPT = setOf("fill", "font-size", "font-weight")

/** Escapes [words] for use as a label, title or legend of a plot. */
internal fun plotText(words: String): String =
    words.replace('<', LESS).replace('\\', BACKSLASH).replace('-', HYPHEN)
        .codePoints().filter { it >= ' '.code }.map { if (isOfXml(it)) it else REPLACEMENT }
        .collect(::StringBuilder, StringBuilder::appendCodePoint, StringBuilder::append).toString()

private const val REPLACEMENT = 0xfffd

/** Whether an XML document may have the character: no half of a pair, and neither of the last two of the plane. */
private fun isOfXml(character: Int) = character !in 0xd800..0xdfff && character !in 0xfffe..0xffff

/**
 * Renders [plot] as SVG: with ids made unique by [prefix], reproducible bytes, full width, and without a style sheet,
 * which the page's policy would block.
 *
 * @param cells cell numbers of its first points, which Lets-Plot draws in the data's order
 */
internal fun svgOf(
    plot: Plot,
    prefix: String,
    alternative: String,
    cells: List<Int> = emptyList(),
): Markup {
    val raw = PlotSvgExportCommon.buildSvgImageFromRawSpecs(
        plot.toSpec(),
        rgbEncoder = UnsupportedRGBEncoder(),
        useCssPixelatedImageRendering = false,
    )
    val tree = parsed(raw)
    val all = tree.all()
    val ids = all.mapNotNull { it.attribute("id") }.distinct().withIndex().associate { (i, id) -> id to "$prefix-$i" }
    val rules = all.filter {
        it.name == "style"
    }.flatMap { RULE.findAll(it.children.joinToString("") { c -> c.words }) }
        .associate { it.groupValues[1] to attributes(it.groupValues[2]) }
    val marks = all.filter { it.name == "circle" }.zip(cells).takeIf { it.size == cells.size }.orEmpty().toMap()
    return Rewriting(ids, rules, marks).root(tree, alternative)
}

/** An element of Lets-Plot's, or a text if it has no name. */
private class Node(
    val name: String?,
    val attributes: List<Attribute> = emptyList(),
    val children: MutableList<Node> = mutableListOf(),
    val words: String = "",
) {
    fun all(): List<Node> = listOf(this) + children.flatMap { it.all() }

    fun attribute(of: String): String? = attributes.firstOrNull { it.first == of }?.second as String?
}

/** Writes nodes as markup of ours. */
private class Rewriting(
    private val ids: Map<String, String>,
    private val rules: Map<String, List<Attribute>>,
    private val marks: Map<Node, Int>,
) {
    fun root(
        node: Node,
        alternative: String,
    ): Markup {
        val (width, height) = listOf("width", "height").map { node.attribute(it).orEmpty() }
        return svg(width, height, alternative) { node.children.markup(::markup) }
    }

    private fun markup(node: Node): Markup {
        if (node.name == null) return text(ours(SIGN.replace(node.words, "\u2212")))
        if (node.name == "style") return Markup.NONE
        val mark = listOf("data-c" to marks[node])
        val content = node.children.takeIf { it.isNotEmpty() }?.markup(::markup)
        return Markup.element(node.name, mark + node.attributes.flatMap(::rewritten), content)
    }

    private fun rewritten(attribute: Attribute): List<Attribute> {
        val (name, value) = attribute.first to attribute.second as String
        return when (name) {
            "id" -> listOf(name to ids[value])

            "class" -> rules[value] ?: listOf(attribute)

            else -> listOf(
                name to ours(
                    REFERENCE.replace(value) {
                        ids[it.groupValues[1]]?.let { id -> "#$id" } ?: it.value
                    },
                ),
            )
        }
    }

    private fun ours(words: String) = words.replace(LESS, '<').replace(BACKSLASH, '\\').replace(HYPHEN, '-')
}

private fun attributes(declarations: String): List<Attribute> =
    declarations.split(';').map { it.split(':').map(String::trim) }
        .filter { it.size == 2 && it[0] in KEPT }
        .map { (name, value) -> name to value.removeSuffix("px") }

private fun parsed(svg: String): Node {
    val factory = XMLInputFactory.newFactory().apply {
        setProperty(XMLInputFactory.SUPPORT_DTD, false)
        setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false)
        setProperty(XMLInputFactory.IS_COALESCING, true)
    }
    val reader = factory.createXMLStreamReader(StringReader(svg))
    val open = ArrayDeque(listOf(Node("")))
    while (reader.hasNext()) {
        when (reader.next()) {
            XMLStreamConstants.START_ELEMENT -> open.addLast(element(reader).also { open.last().children += it })
            XMLStreamConstants.END_ELEMENT -> open.removeLast()
            XMLStreamConstants.CHARACTERS -> text(reader)?.let { open.last().children += it }
        }
    }
    return open.single().children.single()
}

private fun text(reader: XMLStreamReader): Node? =
    INDENT.replace(reader.text, "").takeIf { it.isNotEmpty() }?.let { Node(null, words = it) }

private fun element(reader: XMLStreamReader): Node =
    Node(
        reader.localName,
        (0 until reader.attributeCount).map { i ->
            val prefix = reader.getAttributePrefix(i).orEmpty()
            val name = reader.getAttributeLocalName(i)
            (if (prefix.isEmpty()) name else "$prefix:$name") to reader.getAttributeValue(i)
        },
    )
