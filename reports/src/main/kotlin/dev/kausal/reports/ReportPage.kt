package dev.kausal.reports

import dev.kausal.spec.FigureSpec
import dev.kausal.spec.Results
import dev.kausal.spec.kept
import kotlinx.html.HTML
import kotlinx.html.a
import kotlinx.html.body
import kotlinx.html.h1
import kotlinx.html.h2
import kotlinx.html.head
import kotlinx.html.header
import kotlinx.html.html
import kotlinx.html.lang
import kotlinx.html.li
import kotlinx.html.main
import kotlinx.html.meta
import kotlinx.html.nav
import kotlinx.html.p
import kotlinx.html.script
import kotlinx.html.section
import kotlinx.html.stream.appendHTML
import kotlinx.html.style
import kotlinx.html.title
import kotlinx.html.ul
import kotlinx.html.unsafe

private const val POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

/** The report of a bundle as one page. */
public object ReportPage {
    /** The page of [bundle]: complete HTML that asks nothing of a network and runs no script. */
    public fun render(bundle: Bundle): String = page(bundle.copy(spec = bundle.spec.kept(bundle.results.filters)))

    /** The page of a bundle whose sets hold only what their filters kept. */
    private fun page(bundle: Bundle): String {
        val photos = Photos(bundle)
        val figures = figuresOf(bundle, photos)
        return buildString {
            append("<!DOCTYPE html>\n")
            appendHTML(prettyPrint = false).html { page(bundle, figures, photos) }
            append("\n")
        }
    }
}

/** The figures that the script asks for; every result's default figure when it asks for none. */
internal fun figuresOf(
    bundle: Bundle,
    photos: Photos,
): List<Figure> {
    val grids = bundle.results.results.map { Grid(it, bundle.spec) }
    val asked = bundle.spec.figures.ifEmpty { grids.map { FigureSpec(defaultKind(it), it.result.name) } }
    return asked.mapIndexed { i, spec -> Figure(i + 1, spec, grids.find { it.result.name == spec.of }, photos) }
}

/** What every page starts with: no script runs and nothing is loaded. */
internal fun HTML.pageHead(name: String) {
    lang = "en"
    head {
        meta(charset = "utf-8")
        meta {
            attributes["http-equiv"] = "Content-Security-Policy"
            attributes["content"] = POLICY
        }
        meta(name = "viewport", content = "width=device-width, initial-scale=1")
        meta(name = "color-scheme", content = "light dark")
        title(name)
        style { unsafe { +styleSheet } }
    }
}

private fun HTML.page(
    bundle: Bundle,
    figures: List<Figure>,
    photos: Photos,
) {
    pageHead(bundle.spec.name)
    body {
        unsafe { +photos.definitions() }
        main {
            header {
                p("kicker") { +"Kausal experiment report" }
                h1 { +bundle.spec.name }
                p("lead") { +lead(bundle) }
            }
            section { summary(bundle) }
            nav { contents(figures, hasImages(bundle)) }
            section { method(bundle) }
            section {
                attributes["id"] = "results"
                h2 { +"Results" }
                if (figures.isEmpty()) p { +"The run has no results." }
                figures.forEach { it.show(this) }
            }
            if (hasImages(bundle)) section { images(bundle, photos) }
            section { prompts(bundle.spec) }
            section { again(bundle) }
        }
        script(type = "application/json") {
            attributes["id"] = "numbers"
            unsafe { +bundleJson.encodeToString(Results.serializer(), bundle.results).replace("<", "\\u003c") }
        }
    }
}

private fun kotlinx.html.NAV.contents(
    figures: List<Figure>,
    images: Boolean,
) {
    attributes["aria-label"] = "Contents"
    h2 { +"Contents" }
    ul {
        li { a("#summary") { +"Summary" } }
        li { a("#method") { +"Method" } }
        li {
            a("#results") { +"Results" }
            ul {
                figures.forEach { figure ->
                    li { a("#figure-${figure.number}") { +"Figure ${figure.number}. ${figure.title}" } }
                }
            }
        }
        if (images) li { a("#images") { +"Image by image" } }
        li { a("#prompts") { +"Prompts" } }
        li { a("#again") { +"Run it again" } }
    }
}

private fun lead(bundle: Bundle): String {
    val examples = bundle.spec.contrasts.sumOf { it.contrasts.size }
    return "${bundle.spec.model.ref} \u00b7 ${count(examples, "example")} \u00b7 " +
        "${count(bundle.results.results.size, "analysis", "analyses")} \u00b7 ${bundle.environment.started}"
}

private val styleSheet: String by lazy {
    ReportPage::class.java.getResource("report.css")?.readText() ?: error("report.css is not in the jar.")
}
