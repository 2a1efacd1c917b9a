package dev.kausal.reports.page

import dev.kausal.bundle.Bundle
import dev.kausal.reports.figure.Drawing
import dev.kausal.reports.figure.Views
import dev.kausal.reports.figure.draw
import dev.kausal.reports.figure.drawableKind
import dev.kausal.reports.figure.shapeKind
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.onPage
import dev.kausal.reports.stories.defaultKind
import dev.kausal.reports.stories.headline
import dev.kausal.reports.svg.add
import dev.kausal.reports.words.listed
import dev.kausal.spec.FigureKind
import dev.kausal.spec.kept
import kotlinx.html.FlowContent
import kotlinx.html.article
import kotlinx.html.div
import kotlinx.html.figcaption
import kotlinx.html.figure
import kotlinx.html.h1
import kotlinx.html.h2
import kotlinx.html.h3
import kotlinx.html.p
import kotlinx.html.section
import kotlinx.html.strong
import kotlinx.html.table
import kotlinx.html.tbody
import kotlinx.html.td
import kotlinx.html.th
import kotlinx.html.thead
import kotlinx.html.tr
import kotlin.math.abs

private val COLUMNS = listOf("Bundle", "Experiment", "Model", "Seed", "Examples", "SHA-256 of the weights")

/** Several bundles on one page: models, or seeds, of the same experiment. */
public object ComparisonPage {
    /**
     * Returns the page of [bundles], each under its name: results of the same name side by side on one scale and, if
     * their cells are the same, their differences with intervals.
     */
    public fun render(bundles: List<Pair<String, Bundle>>): String {
        val kept = bundles.map { (name, bundle) ->
            name to bundle.copy(spec = bundle.spec.kept(bundle.results.filters))
        }
        return framed("Comparison: ${kept.joinToString { it.first }}", "Kausal comparison") { page(kept) }
    }
}

private fun FlowContent.page(bundles: List<Pair<String, Bundle>>) {
    div("title") {
        h1 { +listed(bundles.map { it.first }) }
    }
    section {
        h2 { +"Bundles" }
        overview(bundles)
    }
    val names = bundles.flatMap { (_, bundle) -> bundle.results.results.map { it.name } }.distinct()
    val shared = names.filter { name -> bundles.count { (_, b) -> b.results.results.any { it.name == name } } > 1 }
    section {
        h2 { +"Results" }
        if (shared.isEmpty()) p { +"These bundles have no result name in common." }
        shared.forEachIndexed { index, name -> compared(index, name, bundles) }
        val alone = names - shared.toSet()
        if (alone.isNotEmpty()) p { +"In one bundle only: ${listed(alone)}." }
    }
}

private fun FlowContent.overview(bundles: List<Pair<String, Bundle>>) {
    div("scroll") {
        attributes["tabindex"] = "0"
        table("environment") {
            thead {
                tr { COLUMNS.forEach { th { +it } } }
            }
            tbody {
                bundles.forEach { (name, bundle) ->
                    tr {
                        td { +name }
                        td { +bundle.spec.name }
                        td { +bundle.spec.model.ref }
                        td { +"${bundle.spec.seed}" }
                        td { +"${bundle.spec.contrasts.maxOfOrNull { it.contrasts.size } ?: 0}" }
                        td { +(bundle.spec.model.sha256?.take(12) ?: "not recorded") }
                    }
                }
            }
        }
    }
}

private fun FlowContent.compared(
    index: Int,
    name: String,
    bundles: List<Pair<String, Bundle>>,
) {
    val found = grids(name, bundles.map { (bundle, contents) -> bundle to onPage(contents) })
    val whole = grids(name, bundles).toMap()
    val scale = found.flatMap { (_, grid) -> (0 until grid.cells).mapNotNull { grid.mean(it)?.minus(grid.centre) } }
        .maxOfOrNull { kotlin.math.abs(it) }
    val asked = bundles.firstNotNullOfOrNull { (_, b) -> b.spec.figures.find { it.of == name }?.kind }
    article {
        h3 { +name }
        div("figures") {
            found.forEachIndexed { i, (bundle, grid) ->
                val kind = drawableKind(asked ?: defaultKind(grid), grid, defaultKind(grid))
                val drawing = draw(kind, grid.onScale(scale), "c$index-$i", "$name of $bundle")
                multiple(bundle, headline(grid), "$name of $bundle", drawing, Views.card(kind))
            }
        }
        subtracted(index, found, whole)
    }
}

/** Writes the differences of all bundles in [found] from the first: figures on one scale, and sentences. */
private fun FlowContent.subtracted(
    index: Int,
    found: List<Pair<String, ResultGrid>>,
    whole: Map<String, ResultGrid>,
) {
    val (firstName, first) = found.first()
    val (large, others) = found.drop(1).partition { (_, grid) -> listOf(first, grid).any { it.result.arrays != null } }
    large.forEach { (other, _) ->
        p { +arrayDifference(firstName, whole.getValue(firstName), other, whole.getValue(other)) }
    }
    val all = others.map { (other, grid) -> "$other minus $firstName" to differences(firstName, first, other, grid) }
    val scale = all.mapNotNull { it.second.grid }.flatMap { grid -> grid.result.mean.mapNotNull { it?.let(::abs) } }
        .maxOrNull()?.takeIf { it > 0 }
    div("figures") {
        all.forEachIndexed { i, (title, found) -> difference("d$index-$i", title, found, scale) }
    }
}

private fun FlowContent.difference(
    prefix: String,
    title: String,
    found: Differences,
    scale: Double?,
) {
    val grid = found.grid?.takeIf { scale != null && it.axes.isNotEmpty() }
    if (grid == null) {
        p { +found.sentences.joinToString(" ") }
        return
    }
    val kind = drawableKind(shapeKind(grid), grid, FigureKind.Bars)
    val drawing = draw(kind, grid.onScale(scale), prefix, "${grid.result.name}, $title")
    multiple(title, found.sentences.joinToString(" "), "${grid.result.name}, $title", drawing, Views.card(kind))
}

/** Writes one of several figures side by side, with its [title] and [finding]. */
private fun FlowContent.multiple(
    title: String,
    finding: String,
    label: String,
    drawing: Drawing,
    style: String,
) {
    article(if (drawing.narrow) "narrow" else null) {
        figure {
            card(label, style) { add(drawing.content) }
            figcaption {
                p {
                    strong { +"$title. " }
                    sentence(finding)
                }
            }
        }
    }
}

/** Returns the results called [name], by bundle. */
private fun grids(
    name: String,
    bundles: List<Pair<String, Bundle>>,
): List<Pair<String, ResultGrid>> =
    bundles.mapNotNull { (bundle, contents) ->
        contents.results.results.find { it.name == name }?.let { bundle to ResultGrid(it, contents.spec) }
    }
