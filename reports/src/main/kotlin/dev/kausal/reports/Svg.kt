package dev.kausal.reports

import org.jetbrains.letsPlot.commons.encoding.UnsupportedRGBEncoder
import org.jetbrains.letsPlot.core.util.PlotSvgExportCommon
import org.jetbrains.letsPlot.intern.Plot
import org.jetbrains.letsPlot.intern.toSpec

/** Private-use stand-ins: Lets-Plot reads `<a href>` and `\(` in labels as markup, a token must stay text. */
private const val LESS = '\ue000'
private const val BACKSLASH = '\ue001'

private val ID = Regex("""\bid="([^"]+)"""")
private val SIZE = Regex("""<svg\b[^>]*?\bwidth="([0-9.]+)"[^>]*?\bheight="([0-9.]+)"[^>]*>""")

/** [text] safe as a label, title or legend of a plot. */
internal fun plotText(text: String): String =
    text.replace('<', LESS).replace('\\', BACKSLASH).filter { it >= ' ' }

/** [plot] as SVG: ids unique on the page by [prefix], the same bytes each time, as wide as its place. */
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
    return responsive(named, alternative).replace("$LESS", "&lt;").replace("$BACKSLASH", "\\")
}

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
