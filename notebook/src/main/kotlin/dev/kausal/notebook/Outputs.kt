package dev.kausal.notebook

import dev.kausal.experiments.session.ResultTable
import dev.kausal.reports.page.FramedFigure
import kotlinx.html.DIV
import kotlinx.html.code
import kotlinx.html.div
import kotlinx.html.p
import kotlinx.html.pre
import kotlinx.html.stream.createHTML
import kotlinx.html.style
import kotlinx.html.table
import kotlinx.html.tbody
import kotlinx.html.td
import kotlinx.html.th
import kotlinx.html.thead
import kotlinx.html.tr
import org.jetbrains.kotlinx.jupyter.api.MimeTypedResult
import java.util.Locale

/** Values as outputs of cells, in every format that a place may show. */
internal object Outputs {
    /** The font of the notebook around it. */
    const val FONT = "font-family:system-ui,sans-serif;font-size:.92em;line-height:1.5"

    fun html(html: String): MimeTypedResult = MimeTypedResult(mapOf(HTML to html), false, null)

    fun html(html: String, text: String): MimeTypedResult =
        MimeTypedResult(mapOf(HTML to html, TEXT to text), false, null)

    fun text(text: String): MimeTypedResult = MimeTypedResult(mapOf(TEXT to text), false, null)

    fun figure(html: String, svg: String?, text: String): MimeTypedResult =
        MimeTypedResult(listOfNotNull(HTML to html, svg?.let { SVG to it }, TEXT to text).toMap(), false, null)

    /** Returns [outputs] below each other. */
    fun joined(outputs: List<MimeTypedResult>): MimeTypedResult =
        html(outputs.joinToString("") { it.getValue(HTML) }, outputs.joinToString("\n\n") { it.getValue(TEXT) })

    /** Returns HTML of [content]. */
    fun page(content: DIV.() -> Unit): String =
        createHTML(prettyPrint = false).div {
            style = FONT
            content()
        }

    fun number(value: Double): String = String.format(Locale.ROOT, "%.4g", value)

    /** Writes a table of [columns]; at most [most] rows. */
    fun DIV.columns(columns: Map<String, List<Any?>>, most: Int) {
        val rows = columns.values.firstOrNull()?.size ?: 0
        table {
            thead { tr { columns.keys.forEach { th { +it } } } }
            tbody {
                for (row in 0 until minOf(rows, most)) {
                    tr { columns.values.forEach { column -> td { +shown(column[row]) } } }
                }
            }
        }
        if (rows > most) p { +"$most of $rows rows" }
    }

    private fun shown(value: Any?): String =
        when (value) {
            null -> ""
            is Double -> number(value)
            else -> "$value"
        }

    private const val HTML = "text/html"
    private const val SVG = "image/svg+xml"
    private const val TEXT = "text/plain"
}

internal fun FramedFigure.output(): MimeTypedResult = Outputs.figure(html, svg, "Figure $number. $title\n$finding")

internal fun ResultTable.output(): MimeTypedResult {
    val filled = columns.filterValues { column -> column.any { it != null } }
    val html = Outputs.page { with(Outputs) { columns(filled, ROWS) } }
    return Outputs.html(html, "$name: $rows rows of ${columns.keys.joinToString()}")
}

internal fun NextTokens.output(): MimeTypedResult {
    val html = Outputs.page {
        table {
            thead {
                tr {
                    th { +"next token" }
                    th { +"probability" }
                    th {}
                }
            }
            tbody {
                tokens.zip(probabilities).forEach { (token, probability) ->
                    tr {
                        td { code { +visible(token) } }
                        td { +Outputs.number(probability) }
                        td {
                            style = "text-align:left;min-width:12em"
                            div { style = bar(probability) }
                        }
                    }
                }
            }
        }
    }
    return Outputs.html(html, "$this")
}

private fun bar(share: Double) =
    "width:${String.format(Locale.ROOT, "%.1f", share * PERCENT)}%;height:.8em;background:#3572b0;min-width:1px"

internal fun PatchEffect.output(): MimeTypedResult {
    val columns = mapOf(
        "layer" to listOf(layer),
        "place" to listOf(place),
        "recovery" to listOf(recovery),
        "logit difference, patched" to listOf(patched),
        "corrupted" to listOf(corrupted),
        "clean" to listOf(clean),
    )
    return Outputs.html(Outputs.page { with(Outputs) { columns(columns, 1) } }, "$this")
}

internal fun NotebookException.output(): MimeTypedResult {
    val html = Outputs.page {
        pre {
            style = "white-space:pre-wrap;border-left:4px solid #c0392b;padding:.4em .8em;margin:0"
            +message.orEmpty()
        }
    }
    return Outputs.html(html, message.orEmpty())
}

/** Returns [token] with its blanks and line ends as signs. */
private fun visible(token: String) = token.replace(" ", "\u2423").replace("\n", "\u23ce").replace("\t", "\u21e5")

private const val ROWS = 20
private const val PERCENT = 100
