package dev.kausal.reports.svg

import dev.kausal.reports.words.escaped
import org.jetbrains.letsPlot.commons.encoding.UnsupportedRGBEncoder
import org.jetbrains.letsPlot.core.util.PlotSvgExportCommon
import org.jetbrains.letsPlot.intern.Plot
import org.jetbrains.letsPlot.intern.toSpec

/** Private-use stand-ins: Lets-Plot reads `<a href>` and `\(` in labels as markup, a token must stay text. */
private const val LESS = '\ue000'
private const val BACKSLASH = '\ue001'
private const val HYPHEN = '\ue002'

/** A sign before a number that Lets-Plot writes; labels of ours have [HYPHEN] in its place. */
private val SIGN = Regex(">-(?=[0-9.])")

private val ID = Regex("""\bid="([^"]+)"""")
private val SIZE = Regex("""<svg\b[^>]*?\bwidth="([0-9.]+)"[^>]*?\bheight="([0-9.]+)"[^>]*>""")
private val STYLES = Regex("""<style[^>]*>(.*?)</style>""", RegexOption.DOT_MATCHES_ALL)
private val RULE = Regex("""\.([\w-]+)\s*\{([^}]*)}""")
private val CLASS = Regex("""class="([\w-]+)"""")
private val INDENT = Regex("""\s*\n\s*""")

/** What of a style has to stay when it becomes attributes; the font is the page's. */
private val KEPT = setOf("fill", "font-size", "font-weight")

/** [text] safe as a label, title or legend of a plot. */
internal fun plotText(text: String): String =
    text.replace('<', LESS).replace('\\', BACKSLASH).replace('-', HYPHEN).filter { it >= ' ' }

/**
 * [plot] as SVG: ids unique on the page by [prefix], the same bytes each time, as wide as its place, and without a
 * style sheet, which the page's policy would not let apply.
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

/** [svg] with its style sheet's rules written at the elements that they are for. */
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

/** The opening tag of a figure's SVG. */
internal fun svgRoot(
    width: String,
    height: String,
    alternative: String,
): String =
    """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 $width $height" width="$width" height="$height" """ +
        """role="img" aria-label="${escaped(alternative)}">"""

/** Text in an SVG that we draw; [turn] in degrees around its own point. */
internal fun svgText(
    x: Number,
    y: Number,
    text: String,
    anchor: String = "start",
    more: String = "",
    turn: Int = 0,
): String {
    val place = if (turn ==
        0
    ) {
        "x=\"${short(x)}\" y=\"${short(y)}\""
    } else {
        "transform=\"translate(${short(x)} ${short(y)}) rotate($turn)\""
    }
    return "<text $place text-anchor=\"$anchor\" font-size=\"12\" fill=\"${Ink.TEXT}\"$more>${escaped(text)}</text>"
}

/** A coordinate to a tenth of a pixel, without zeros that say nothing. */
internal fun short(value: Number): String {
    val tenths = Math.round(value.toDouble() * 10)
    return if (tenths % 10 == 0L) "${tenths / 10}" else "${tenths / 10.0}"
}

/** The ground of a drawing: white where it is exported or printed, the card's colour on the page. */
internal fun paper(
    width: Int,
    height: Int,
): String = "<rect class=\"paper\" width=\"$width\" height=\"$height\" fill=\"#fff\"/>"
