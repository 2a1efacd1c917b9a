package dev.kausal.reports.page

import dev.kausal.bundle.Bundle
import dev.kausal.reports.figure.Drawing
import dev.kausal.reports.figure.Views
import dev.kausal.reports.figure.draw
import dev.kausal.reports.figure.drawableKind
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.onPage
import dev.kausal.reports.stories.defaultKind
import dev.kausal.reports.stories.headline
import dev.kausal.reports.svg.add
import dev.kausal.reports.words.listed
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
                multiple(
                    bundle,
                    grid,
                    draw(kind, grid.onScale(scale), "c$index-$i", "$name of $bundle"),
                    Views.card(kind),
                )
            }
        }
        val (firstName, first) = found.first()
        found.drop(1).forEach { (other, grid) ->
            val large = first.result.arrays != null || grid.result.arrays != null
            val told =
                if (large) {
                    listOf(arrayDifference(firstName, whole.getValue(firstName), other, whole.getValue(other)))
                } else {
                    differences(firstName, first, other, grid)
                }
            p { +told.joinToString(" ") }
        }
    }
}

/** Writes the figure of one bundle, beside those of the others. */
private fun FlowContent.multiple(
    bundle: String,
    grid: ResultGrid,
    drawing: Drawing,
    style: String,
) {
    article(if (drawing.narrow) "narrow" else null) {
        figure {
            div(style) {
                attributes["tabindex"] = "0"
                attributes["role"] = "group"
                attributes["aria-label"] = "${grid.result.name} of $bundle"
                add(drawing.content)
            }
            figcaption {
                p {
                    strong { +"$bundle. " }
                    sentence(headline(grid))
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
