package dev.kausal.reports.page

import dev.kausal.bundle.Bundle
import dev.kausal.reports.figure.OtherResults
import dev.kausal.reports.figure.Photos
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.onPage
import dev.kausal.reports.result.withExact
import dev.kausal.reports.stories.defaultKind
import dev.kausal.reports.svg.add
import dev.kausal.spec.FigureSpec
import dev.kausal.spec.kept
import kotlinx.html.FlowContent
import kotlinx.html.MAIN
import kotlinx.html.a
import kotlinx.html.details
import kotlinx.html.div
import kotlinx.html.h2
import kotlinx.html.li
import kotlinx.html.nav
import kotlinx.html.section
import kotlinx.html.summary
import kotlinx.html.ul

/** The report of a bundle as one page. */
public object ReportPage {
    /** Returns the page of [bundle]: complete HTML that needs no network, and is readable without its script. */
    public fun render(
        bundle: Bundle,
    ): String = page(shownOf(bundle))

    private fun page(bundle: Bundle): String {
        val photos = Photos(bundle)
        val figures = figuresOf(bundle, photos)
        val numbers = numbersJson(bundle.results, bundle.spec, figures)
        return framed(
            bundle.spec.name,
            "Kausal experiment report",
            mapOf("numbers" to numbers, "figures" to figuresJson(figures.mapNotNull { it.data() })),
            before = {
                add(photos.definitions())
                nav { contents(figures, hasImages(bundle)) }
            },
        ) { article(bundle, figures, photos) }
    }
}

/**
 * Returns [bundle] as its figures show it: sets reduced to the contrasts that filters kept, exact values in place of
 * estimates, large results in blocks.
 */
internal fun shownOf(bundle: Bundle): Bundle =
    onPage(withExact(bundle.copy(spec = bundle.spec.kept(bundle.results.filters))))

/** Returns the figures that the script requests, or every result's default figure if it requests none. */
internal fun figuresOf(
    bundle: Bundle,
    photos: Photos,
): List<Figure> {
    val grids = bundle.results.results.map { ResultGrid(it, bundle.spec) }
    val asked = bundle.spec.figures.ifEmpty { grids.map { FigureSpec(defaultKind(it), it.result.name) } }
    val others = OtherResults(grids, bundle.spec.model.config)
    return asked.mapIndexed { i, spec -> Figure(i + 1, spec, others.named(spec.of), photos, others) }
}

private fun MAIN.article(
    bundle: Bundle,
    figures: List<Figure>,
    photos: Photos,
) {
    val shared = SharedText(bundle.results.results)
    val opening = Opening(bundle, figures)
    opening.show(this, shared)
    section {
        attributes["id"] = "results"
        h2 { +"Results" }
        div("figures") { figures.filter { it !== opening.figure }.forEach { it.show(this, shared) } }
        withoutFigure(bundle, figures)
    }
    if (hasImages(bundle)) fold("images", "Image by image") { images(bundle, photos) }
    fold("method", "Method") { method(bundle) }
    fold("prompts", "Prompts") { prompts(bundle.spec) }
    fold("again", "Run it again") { again(bundle) }
}

/** A section that the reader opens. */
private fun MAIN.fold(
    id: String,
    title: String,
    content: FlowContent.() -> Unit,
) {
    details("fold") {
        attributes["id"] = id
        summary { h2 { +title } }
        content()
    }
}

private fun kotlinx.html.NAV.contents(
    figures: List<Figure>,
    images: Boolean,
) {
    attributes["aria-label"] = "Contents"
    details {
        open = true
        summary { h2 { +"Contents" } }
        links(figures, images)
    }
}

private fun FlowContent.links(
    figures: List<Figure>,
    images: Boolean,
) {
    ul {
        li { a("#summary") { +"Summary" } }
        li {
            a("#results") { +"Results" }
            ul {
                figures.forEach { figure ->
                    li { a("#figure-${figure.number}") { +"${figure.number}. ${figure.name}" } }
                }
            }
        }
        if (images) li { a("#images") { +"Image by image" } }
        li { a("#method") { +"Method" } }
        li { a("#prompts") { +"Prompts" } }
        li { a("#again") { +"Run it again" } }
    }
}
