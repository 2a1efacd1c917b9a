package dev.kausal.reports.page

import dev.kausal.reports.figure.FigureData
import dev.kausal.reports.figure.OtherResults
import dev.kausal.reports.figure.Photos
import dev.kausal.reports.figure.Views
import dev.kausal.reports.figure.byText
import dev.kausal.reports.figure.draw
import dev.kausal.reports.figure.drawableKind
import dev.kausal.reports.figure.figureData
import dev.kausal.reports.figure.isOfTokens
import dev.kausal.reports.figure.screeningFigure
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.Stories
import dev.kausal.reports.stories.comparisons
import dev.kausal.reports.stories.conclusions
import dev.kausal.reports.stories.controlSentences
import dev.kausal.reports.stories.defaultKind
import dev.kausal.reports.stories.findings
import dev.kausal.reports.stories.sizeWords
import dev.kausal.reports.svg.add
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.number
import dev.kausal.reports.words.typographic
import dev.kausal.spec.FigureKind
import dev.kausal.spec.FigureSpec
import kotlinx.html.FlowContent
import kotlinx.html.a
import kotlinx.html.article
import kotlinx.html.details
import kotlinx.html.div
import kotlinx.html.figcaption
import kotlinx.html.figure
import kotlinx.html.h3
import kotlinx.html.li
import kotlinx.html.p
import kotlinx.html.strong
import kotlinx.html.summary
import kotlinx.html.ul
import java.util.Locale

/** One figure with its caption; [grid] is null if the bundle has no such result. */
internal class Figure(
    val number: Int,
    private val spec: FigureSpec,
    private val grid: ResultGrid?,
    private val photos: Photos = Photos.NONE,
    private val others: OtherResults = OtherResults.NONE,
) {
    val title: String = spec.title ?: grid?.let { "${it.result.name}: ${Stories.of(it).title(it)}" } ?: spec.of

    /** Returns the figure's data for the page's script; null if the page carries none. */
    fun data(): FigureData? = grid?.takeIf {
        isCarried(it.result)
    }?.let { figureData(number, drawn(it), it, others) }

    private fun drawn(grid: ResultGrid): FigureKind = drawableKind(spec.kind, grid, defaultKind(grid))

    /** Writes the figure; [page] states once what several figures share. */
    fun show(
        into: FlowContent,
        page: SharedText,
    ) {
        into.article {
            attributes["id"] = "figure-$number"
            h3 { +"Figure $number. $title" }
            if (grid == null) {
                p("none") { +"The bundle has no result named ${spec.of}." }
                return@article
            }
            val kind = drawn(grid)
            val found = findings(grid)
            val drawing = draw(kind, grid, "f$number", "$title. ${found.joinToString(" ")}", photos, others)
            figure {
                div(Views.card(kind)) {
                    attributes["tabindex"] = "0"
                    attributes["role"] = "group"
                    attributes["aria-label"] = "Figure $number. $title"
                    add(drawing.content)
                }
                figcaption {
                    p { strong { sentence(found.joinToString(" ")) } }
                    reading(drawing.reading, page)
                    conditions(grid, kind, page)?.let { p { +it } }
                    notCarried(grid)?.let { p("note") { +it } }
                    conclusions(page.fresh(conclusions(grid)) + comparisons(grid))
                    page.ownNotes(grid.result).forEach { p("note") { +"Note: ${typographic(it)}" } }
                    checks(grid)
                }
            }
            againstExact(grid, page)
        }
    }

    /** The second figure of an estimate of which some cells were computed. */
    private fun FlowContent.againstExact(
        grid: ResultGrid,
        page: SharedText,
    ) {
        val drawing = screeningFigure(grid, "Estimated and exact changes of ${grid.result.name}") ?: return
        figure {
            div("card") {
                attributes["tabindex"] = "0"
                attributes["role"] = "group"
                attributes["aria-label"] = "Figure $number. Estimates against exact changes"
                add(drawing.content)
            }
            figcaption { reading(drawing.reading, page) }
        }
    }

    private fun FlowContent.reading(
        text: String,
        page: SharedText,
    ) {
        val first = page.firstWith(text, number)
        if (first != null) {
            p {
                +"Drawn as in "
                a("#figure-$first") { +"Figure $first" }
                +"."
            }
        } else if (text.isNotEmpty()) {
            p { +text }
        }
    }

    private fun FlowContent.conclusions(sentences: List<String>) {
        if (sentences.size > LISTED) {
            ul { sentences.forEach { li { +it } } }
        } else if (sentences.isNotEmpty()) {
            p { +sentences.joinToString(" ") }
        }
    }

    /** Writes the audit of the edits, and the controls with a known outcome. */
    private fun FlowContent.checks(grid: ResultGrid) {
        val controls = controlSentences(grid)
        val audit = grid.result.audit?.takeIf { !hasAuditTable(grid) }?.let { audit(grid) }
        val all = listOfNotNull(audit) + controls
        if (all.isEmpty()) return
        details {
            summary { +if (controls.isEmpty()) "Audit" else "Controls" }
            all.forEach { p { +it } }
        }
    }

    private fun conditions(
        grid: ResultGrid,
        kind: FigureKind,
        page: SharedText,
    ): String? {
        val examples = grid.result.examples.size
        val over = when {
            examples == 0 -> ""
            examples == 1 -> ", one example"
            isOfTokens(grid) && byText(grid).size > 1 -> ", text by text"
            else -> ", mean over ${count(examples, "example")}"
        }
        val sample = grid.result.inference?.let { " (${sizeWords(it)})" }.orEmpty()
        val other = if (kind == spec.kind || kind == FigureKind.ImageMap) {
            ""
        } else {
            " This result cannot be drawn as ${spec.kind.name.lowercase()}, which the script asks for."
        }
        val measured = "Metric: ${metricWords(grid.measure)}$over$sample.$other".takeIf { kind != FigureKind.Table }
        return listOfNotNull(measured, baselineSentence(grid)?.let(page::once)).joinToString(" ").ifEmpty { null }
    }

    private fun notCarried(grid: ResultGrid): String? =
        "The page does not carry the %,d numbers of this figure: see ${grid.file}."
            .format(Locale.ROOT, grid.cells)
            .takeUnless { isCarried(grid.result) }

    private fun audit(grid: ResultGrid): String {
        val audit = grid.result.audit!!
        val unchanged = when (audit.unchanged) {
            0 -> "every cell changed the activations that it edits"
            else -> "${count(audit.unchanged, "cell")} changed no activation beyond rounding"
        }
        return "Audit: ${count(audit.fired, "edit")} in ${count(audit.cells, "cell")}; $unchanged; largest change of " +
            "an activation ${number(audit.largestChange)}."
    }
}

/** Maximum number of sentences in a paragraph; more become a list. */
private const val LISTED = 4

/** Describes the metric of the unedited runs, if the result has it: `Unedited logit difference: clean 3.210.` */
internal fun baselineSentence(grid: ResultGrid): String? {
    val runs = grid.result.baseline.keys.mapNotNull { name -> grid.baseline(name)?.let { "$name ${number(it)}" } }
    if (runs.isEmpty()) return null
    return "Unedited ${metricWords(grid.plain)}: ${listed(runs)}."
}
