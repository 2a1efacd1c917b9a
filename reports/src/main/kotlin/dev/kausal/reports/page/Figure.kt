package dev.kausal.reports.page

import dev.kausal.reports.figure.Drawing
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
import dev.kausal.reports.stories.headline
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
import kotlinx.html.figcaption
import kotlinx.html.figure
import kotlinx.html.h3
import kotlinx.html.p
import kotlinx.html.strong
import kotlinx.html.summary
import java.util.Locale

/** One figure with its caption; [grid] is null if the bundle has no such result. */
internal class Figure(
    val number: Int,
    private val spec: FigureSpec,
    val grid: ResultGrid?,
    private val photos: Photos = Photos.NONE,
    private val others: OtherResults = OtherResults.NONE,
) {
    val title: String = spec.title ?: grid?.let { "${it.result.name}: ${Stories.of(it).title(it)}" } ?: spec.of

    /** Returns the figure's data for the page's script; null if the page carries none. */
    fun data(): FigureData? = grid?.takeIf {
        isCarried(it.result)
    }?.let { figureData(number, drawn(it), it, others) }

    private fun drawn(grid: ResultGrid): FigureKind = drawableKind(spec.kind, grid, defaultKind(grid))

    /** Whether it needs half a row only: an estimate is drawn beside the exact values. */
    val narrow: Boolean get() = drawing?.narrow == true && against == null

    private val against: Drawing? by lazy {
        grid?.let { screeningFigure(it, "Estimated and exact changes of ${it.result.name}") }
    }

    /** CSS classes of its article; null if it has none. */
    private val styles: String?
        get() = listOfNotNull(
            "narrow".takeIf { narrow },
            "small".takeIf { drawing?.small == true },
            "pair".takeIf { drawing?.narrow == true && against != null },
        ).joinToString(" ").ifEmpty { null }

    /** Its finding in sentences; empty if the bundle has no such result. */
    val finding: String by lazy { grid?.let { findings(it).joinToString(" ") }.orEmpty() }

    /** Its drawing; null if the bundle has no such result. */
    val drawing: Drawing? by lazy {
        grid?.let { draw(drawn(it), it, "f$number", "$title. $finding", photos, others) }
    }

    /** Whether it shows numbers of cells without a mark of their own, as attention does of all heads. */
    val drawsAll: Boolean get() = spec.kind == FigureKind.Attention

    /** Its name in the contents. */
    val name: String = spec.title ?: spec.of

    /** Returns whether it shows the result called [name], or an additional result of the analysis of that name. */
    fun shows(name: String): Boolean =
        grid != null && (grid.result.name == name || grid.result.name.startsWith("$name."))

    /**
     * Writes the figure; [page] states once what several figures share. The [opening] of a page has its finding in the
     * text beside it.
     */
    fun show(
        into: FlowContent,
        page: SharedText,
        opening: Boolean = false,
    ) {
        val drawing = drawing
        into.article(styles) {
            attributes["id"] = "figure-$number"
            h3 { +"Figure $number. $title" }
            if (grid == null || drawing == null) {
                p("none") { +"The bundle has no result named ${spec.of}." }
                return@article
            }
            figure {
                card("Figure $number. $title", Views.card(drawn(grid))) { add(drawing.content) }
                figcaption {
                    if (!opening) p { strong { sentence(finding) } }
                    reading(drawing.reading, page)
                    notCarried(grid)?.let { p("note") { +it } }
                    details(grid, page, finding.takeIf { opening && it != headline(grid) })
                }
            }
            againstExact(page)
        }
    }

    /** The second figure of an estimate of which some cells were computed. */
    private fun FlowContent.againstExact(page: SharedText) {
        val drawing = against ?: return
        figure {
            card("Figure $number. Estimates against exact changes") { add(drawing.content) }
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

    /**
     * Writes what a reader of the finding can ask for: the whole [finding] if only its headline is shown, sample, tests,
     * comparisons, notes, controls; open if one failed.
     */
    private fun FlowContent.details(
        grid: ResultGrid,
        page: SharedText,
        finding: String?,
    ) {
        val facts =
            listOfNotNull(finding, conditions(grid, drawn(grid), page)) + page.fresh(conclusions(grid)) +
                comparisons(grid)
        val notes = page.ownNotes(grid.result).map { "Note: ${typographic(it)}" }
        val checks = checks(grid)
        if (facts.isEmpty() && notes.isEmpty() && checks.isEmpty()) return
        details("facts") {
            open = grid.result.controls.any { it.passed == false }
            summary { +"Details" }
            facts.forEach { p { sentence(it) } }
            notes.forEach { p("note") { +it } }
            checks.forEach { p { +it } }
        }
    }

    /** Describes the audit of the edits, and the controls with a known outcome. */
    private fun checks(grid: ResultGrid): List<String> =
        listOfNotNull(grid.result.audit?.takeIf { !hasAuditTable(grid) }?.let { audit(grid) }) + controlSentences(grid)

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

/** Describes the metric of the unedited runs, if the result has it: `Unedited logit difference: clean 3.210.` */
internal fun baselineSentence(grid: ResultGrid): String? {
    val runs = grid.result.baseline.keys.mapNotNull { name -> grid.baseline(name)?.let { "$name ${number(it)}" } }
    if (runs.isEmpty()) return null
    return "Unedited ${metricWords(grid.plain)}: ${listed(runs)}."
}
