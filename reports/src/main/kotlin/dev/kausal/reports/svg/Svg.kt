package dev.kausal.reports.svg

import dev.kausal.reports.words.escaped
import org.jetbrains.letsPlot.commons.encoding.UnsupportedRGBEncoder
import org.jetbrains.letsPlot.core.util.PlotSvgExportCommon
import org.jetbrains.letsPlot.intern.Plot
import org.jetbrains.letsPlot.intern.toSpec

/** Private-use placeholders: Lets-Plot reads `<a href>` and `\(` in labels as markup, but tokens must stay text. */
private const val LESS = '\ue000'
private const val BACKSLASH = '\ue001'
private const val HYPHEN = '\ue002'

/** A minus sign that Lets-Plot writes before a number; our labels have [HYPHEN] instead. */
private val SIGN = Regex(">-(?=[0-9.])")

private val ID = Regex("""\bid="([^"]+)"""")
private val SIZE = Regex("""<svg\b[^>]*?\bwidth="([0-9.]+)"[^>]*?\bheight="([0-9.]+)"[^>]*>""")
private val STYLES = Regex("""<style[^>]*>(.*?)</style>""", RegexOption.DOT_MATCHES_ALL)
private val RULE = Regex("""\.([\w-]+)\s*\{([^}]*)}""")
private val CLASS = Regex("""class="([\w-]+)"""")
private val INDENT = Regex("""\s*\n\s*""")

/** Parts of a style that become attributes; the font is the page's. */
private val KEPT = setOf("fill", "font-size", "font-weight")

/** Escapes [text] for use as a label, title or legend of a plot. */
internal fun plotText(text: String): String =
    text.replace('<', LESS).replace('\\', BACKSLASH).replace('-', HYPHEN).filter { it >= ' ' }

/**
 * Renders [plot] as SVG: with ids made unique by [prefix], reproducible bytes, full width, and without a style sheet,
 * which the page's policy would block.
 */
internal fun svgOf(
    plot: Plot,
    prefix: String,
    alternative: String,
): String {
    val raw = PlotSvgExportCommon.buildSvgImageFromRawSpecs(
        plot.toSpec(),
        rgbEncoder = UnsupportedRGBEncoder(),
        useCssPixelatedImageRendering = false,
    )
    val named = ID.findAll(raw).map { it.groupValues[1] }.distinct().foldIndexed(raw) { i, svg, id ->
        val old = Regex.escape(id)
        svg.replace(
            Regex("""id="$old""""),
            """id="$prefix-$i"""",
        ).replace(Regex("""#$old(?![A-Za-z0-9_-])"""), "#$prefix-$i")
    }
    return responsive(SIGN.replace(unstyled(named), ">\u2212"), alternative)
        .replace("$LESS", "&lt;").replace("$BACKSLASH", "\\").replace("$HYPHEN", "-")
}

/** Moves the rules of [svg]'s style sheet to attributes of the elements. */
private fun unstyled(svg: String): String {
    val rules = STYLES.findAll(svg).flatMap { RULE.findAll(it.groupValues[1]) }
        .associate { it.groupValues[1] to attributes(it.groupValues[2]) }
    return STYLES.replace(svg, "")
        .replace(CLASS) { rules[it.groupValues[1]] ?: it.value }
        .replace(INDENT, "")
}

private fun attributes(declarations: String): String =
    declarations.split(';').map { it.split(':').map(String::trim) }
        .filter { it.size == 2 && it[0] in KEPT }
        .joinToString(" ") { (name, value) -> "$name=\"${value.removeSuffix("px")}\"" }

private fun responsive(
    svg: String,
    alternative: String,
): String {
    val root = SIZE.find(svg) ?: return svg
    val (width, height) = root.destructured
    return svg.substring(0, root.range.first) + svgRoot(width, height, alternative) + svg.substring(root.range.last + 1)
}

/** Returns the opening tag of a figure's SVG. */
internal fun svgRoot(
    width: String,
    height: String,
    alternative: String,
): String =
    """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 $width $height" width="$width" height="$height" """ +
        """role="img" aria-label="${escaped(alternative)}">"""

/** Draws text, rotated by [turn] degrees around its own point. */
internal fun svgText(
    x: Number,
    y: Number,
    text: String,
    anchor: String = "start",
    more: String = "",
    turn: Int = 0,
): String {
    val place = if (turn == 0) {
        "x=\"${short(x)}\" y=\"${short(y)}\""
    } else {
        "transform=\"translate(${short(x)} ${short(y)}) rotate($turn)\""
    }
    return "<text $place text-anchor=\"$anchor\" font-size=\"12\" fill=\"${Palette.TEXT}\"$more>${escaped(text)}</text>"
}

/** Formats a coordinate to a tenth of a pixel, without redundant zeros. */
internal fun short(value: Number): String {
    val tenths = Math.round(value.toDouble() * 10)
    return if (tenths % 10 == 0L) "${tenths / 10}" else "${tenths / 10.0}"
}

/** Draws the background of a drawing: white in exports and print, the card's colour on the page. */
internal fun paper(
    width: Int,
    height: Int,
): String = "<rect class=\"paper\" width=\"$width\" height=\"$height\" fill=\"#fff\"/>"
