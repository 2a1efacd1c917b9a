package dev.kausal.reports.page

import dev.kausal.reports.figure.Photos
import dev.kausal.reports.figure.draw
import dev.kausal.reports.figure.drawableKind
import dev.kausal.reports.result.Grid
import dev.kausal.reports.stories.Stories
import dev.kausal.reports.stories.conclusions
import dev.kausal.reports.stories.controlSentences
import dev.kausal.reports.stories.defaultKind
import dev.kausal.reports.stories.findings
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.number
import dev.kausal.spec.FigureKind
import dev.kausal.spec.FigureSpec
import kotlinx.html.FlowContent
import kotlinx.html.article
import kotlinx.html.details
import kotlinx.html.div
import kotlinx.html.figcaption
import kotlinx.html.figure
import kotlinx.html.h3
import kotlinx.html.p
import kotlinx.html.strong
import kotlinx.html.summary
import kotlinx.html.unsafe
import java.util.Locale

/** One figure with its caption; [grid] is null where the bundle has no such result. */
internal class Figure(
    val number: Int,
    private val spec: FigureSpec,
    private val grid: Grid?,
    private val photos: Photos = Photos.NONE,
) {
    val title: String = spec.title ?: grid?.let { "${it.result.name}: ${Stories.of(it).title(it)}" } ?: spec.of

    /** What the page's script has to know of it; null where there is nothing to show. */
    fun data(): FigureData? = grid?.takeIf {
        isCarried(it.result)
    }?.let { figureData(number, drawn(it), it) }

    private fun drawn(grid: Grid): FigureKind = drawableKind(spec.kind, grid, defaultKind(grid))

    fun show(into: FlowContent) {
        into.article {
            attributes["id"] = "figure-$number"
            h3 { +"Figure $number. $title" }
            if (grid == null) {
                p("none") { +"The bundle has no result named ${spec.of}." }
                return@article
            }
            val kind = drawn(grid)
            val found = findings(grid)
            val drawing = draw(kind, grid, "f$number", "$title. ${found.joinToString(" ")}", photos)
            figure {
                div("card" + if (kind == FigureKind.Table) " table" else "") {
                    attributes["tabindex"] = "0"
                    attributes["role"] = "group"
                    attributes["aria-label"] = "Figure $number. $title"
                    unsafe { +drawing.html }
                }
                figcaption {
                    p { strong { +found.joinToString(" ") } }
                    if (drawing.reading.isNotEmpty()) p { +drawing.reading }
                    p { +conditions(grid, kind) }
                    notCarried(grid)?.let { p("note") { +it } }
                    conclusions(grid).takeIf { it.isNotEmpty() }?.let { p { +it.joinToString(" ") } }
                    grid.result.notes.forEach { p("note") { +"Note: $it" } }
                    checks(grid)
                }
            }
        }
    }

    /** How the intervals came about, what the edits did, and the runs whose outcome is known. */
    private fun FlowContent.checks(grid: Grid) {
        val controls = controlSentences(grid)
        val all = listOfNotNull(Stories.of(grid).inference(grid), grid.result.audit?.let { audit(grid) }) + controls
        if (all.isEmpty()) return
        details {
            summary { +if (controls.isEmpty()) "How sure" else "How sure, and ${count(controls.size, "control")}" }
            all.forEach { p { +it } }
        }
    }

    private fun conditions(
        grid: Grid,
        kind: FigureKind,
    ): String {
        val examples = grid.result.examples.size
        val over = if (examples > 1) "Mean over ${count(examples, "example")}." else "One example: nothing is averaged."
        val other = if (kind ==
            spec.kind || kind == FigureKind.ImageMap
        ) {
            ""
        } else {
            " The script asks for ${spec.kind.name.lowercase()}, which this result cannot fill."
        }
        return listOfNotNull("Metric: ${grid.result.metric}. $over", baselineSentence(grid)).joinToString(" ") + other
    }

    private fun notCarried(grid: Grid): String? =
        "Its %,d numbers are more than a page should carry: they are drawn here, and all of them are in results.json."
            .format(Locale.ROOT, grid.cells)
            .takeUnless { isCarried(grid.result) }

    private fun audit(grid: Grid): String {
        val audit = grid.result.audit!!
        val still = when (audit.unchanged) {
            0 -> "every cell changed the activations it edits"
            1 -> "1 cell left every activation as it was, up to rounding"
            else -> "${audit.unchanged} cells left every activation as it was, up to rounding"
        }
        return "Audit: ${count(
            audit.fired,
            "edit",
        )} fired in ${count(audit.cells, "cell")}; $still; the largest change " +
            "of an activation was ${number(audit.largestChange)}."
    }
}

/** The metric of the unedited runs, where a result has it: `the clean run has 3.210`. */
internal fun baselineSentence(grid: Grid): String? {
    val runs = grid.result.baseline.keys.mapNotNull { name ->
        grid.baseline(name)?.let { "${number(it)} on the $name run" }
    }
    if (runs.isEmpty()) return null
    val mean = if (grid.result.examples.size > 1) "mean " else ""
    return "Without an edit, the $mean${metricWords(grid.plain)} is ${listed(runs)}."
}
