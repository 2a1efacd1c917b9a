package dev.kausal.reports.page

import dev.kausal.bundle.Bundle
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.found
import dev.kausal.reports.result.isTested
import dev.kausal.reports.stories.headline
import dev.kausal.reports.words.count
import dev.kausal.spec.SweepSpec
import kotlinx.html.DIV
import kotlinx.html.FlowContent
import kotlinx.html.MAIN
import kotlinx.html.a
import kotlinx.html.details
import kotlinx.html.div
import kotlinx.html.h1
import kotlinx.html.h2
import kotlinx.html.li
import kotlinx.html.p
import kotlinx.html.section
import kotlinx.html.strong
import kotlinx.html.summary
import kotlinx.html.ul

/** Number of findings on the first screen, if the script names none. */
private const val FINDINGS = 3

/** Number of limits that are shown; the others are folded. */
private const val LIMITS = 1

/** A result whose finding opens the page, with its figure if it has one. */
private class Finding(
    val grid: ResultGrid,
    val figure: Figure?,
)

/**
 * The first screen of a page: the script's question, its main findings, how sure they are, and the figure of the first.
 */
internal class Opening(
    private val bundle: Bundle,
    figures: List<Figure>,
) {
    private val grids = bundle.results.results.map { ResultGrid(it, bundle.spec) }
    private val key: List<Finding> = chosen(figures).ifEmpty { strongest(figures) }

    /** The figure on the first screen; null if the page has no figure. */
    val figure: Figure? = key.firstNotNullOfOrNull { it.figure }

    fun show(
        into: MAIN,
        shared: SharedText,
    ) {
        into.div(if (figure?.narrow == true) "opening beside" else "opening") {
            div("told") {
                title()
                section {
                    attributes["id"] = "summary"
                    h2("unseen") { +"Summary" }
                    findings()
                    certainty()
                    limits(shared)
                }
            }
            figure?.show(this, shared, opening = true)
        }
    }

    /** Returns the results that the script names. */
    private fun chosen(figures: List<Figure>): List<Finding> =
        bundle.spec.findings.distinct().mapNotNull { name ->
            val figure = figures.find { it.shows(name) }
            (figure?.grid ?: grids.find { it.result.name == name })?.let { Finding(it, figure) }
        }

    /**
     * Returns the first results with a tested effect that have a figure, of different kinds of result and edit if
     * possible; then those without an effect.
     */
    private fun strongest(figures: List<Figure>): List<Finding> {
        val shown = figures.mapNotNull { figure ->
            figure.grid?.let { Finding(it, figure) }
        }.distinctBy { it.grid.result.name }
        val (tested, others) = shown.partition { isTested(it.grid) && found(it.grid).isNotEmpty() }
        val apart = tested.distinctBy {
            it.grid.result.kind to
                (it.grid.analysis as? SweepSpec)?.let { _ -> it.grid.editKind }
        }
        return (apart + (tested - apart.toSet()) + others).take(FINDINGS)
    }

    private fun DIV.title() {
        div("title") {
            h1 { +bundle.spec.name }
            scriptHead(bundle.script).forEachIndexed { i, paragraph ->
                p(
                    if (i ==
                        0
                    ) {
                        "question"
                    } else {
                        null
                    },
                ) { +paragraph }
            }
            p("lead") { +lead() }
            precisionText(bundle)?.let { p("note") { +it } }
        }
    }

    private fun lead(): String {
        val used = bundle.spec.analyses.map { it.contrasts }.toSet()
        val examples = bundle.spec.contrasts.filter { it.name in used }.flatMap { it.contrasts }.distinct().size
        return "${bundle.spec.model.ref} \u00b7 ${count(examples, "example")} \u00b7 " +
            "${count(grids.size, "analysis", "analyses")} \u00b7 ${bundle.environment.started}"
    }

    private fun FlowContent.findings() {
        if (grids.isEmpty()) p { +"The run has no results." }
        missingBlanks(bundle.spec, bundle.results)?.let { p("note") { +it } }
        ul("findings") {
            key.forEach { finding ->
                li {
                    val name = finding.grid.result.name
                    finding.figure?.let { a("#figure-${it.number}") { +name } } ?: +name
                    +": "
                    sentence(headline(finding.grid))
                }
            }
        }
        key.firstNotNullOfOrNull { baselineSentence(it.grid) }?.let { p { +it } }
    }

    private fun FlowContent.certainty() {
        val all = certainty(grids) + listOfNotNull(keptSentence(bundle.results.filters, bundle.spec))
        if (all.isEmpty()) return
        p(if (failedControls(bundle.results.results) == null) null else "alarm") {
            strong { +"How sure. " }
            +all.joinToString(" ")
        }
    }

    private fun FlowContent.limits(shared: SharedText) {
        val all = limits(grids, shared)
        if (all.isEmpty()) return
        p {
            strong { +"Limits. " }
            +all.take(LIMITS).joinToString(" ")
        }
        val more = all.drop(LIMITS)
        if (more.isEmpty()) return
        details {
            summary { +count(more.size, "more limit") }
            more.forEach { p { +it } }
        }
    }
}

/** Writes the findings of the results that no figure shows. */
internal fun FlowContent.withoutFigure(
    bundle: Bundle,
    figures: List<Figure>,
) {
    val shown = figures.mapNotNull { it.grid?.result?.name }.toSet()
    val others = bundle.results.results.filterNot { it.name in shown }.map { ResultGrid(it, bundle.spec) }
    if (others.isEmpty()) return
    details("fold") {
        summary { +"Results without a figure" }
        ul {
            others.forEach { grid ->
                li {
                    strong { +"${grid.result.name}: " }
                    sentence(headline(grid))
                }
            }
        }
    }
}
