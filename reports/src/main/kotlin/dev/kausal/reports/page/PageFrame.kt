package dev.kausal.reports.page

import dev.kausal.reports.figure.Views
import dev.kausal.reports.svg.paletteScript
import dev.kausal.reports.svg.paletteSheet
import kotlinx.html.BODY
import kotlinx.html.HTML
import kotlinx.html.MAIN
import kotlinx.html.a
import kotlinx.html.body
import kotlinx.html.classes
import kotlinx.html.div
import kotlinx.html.head
import kotlinx.html.header
import kotlinx.html.html
import kotlinx.html.id
import kotlinx.html.lang
import kotlinx.html.main
import kotlinx.html.meta
import kotlinx.html.p
import kotlinx.html.script
import kotlinx.html.stream.appendHTML
import kotlinx.html.style
import kotlinx.html.title
import kotlinx.html.unsafe
import java.security.MessageDigest
import java.util.Base64

/** The parts of the page's script, each after those that it uses. */
private val SCRIPTS =
    listOf(
        "numbers",
        "packed",
        "colours",
        "grid",
        "reading",
        "export",
        "examples",
        "selection",
        "view",
        "legend",
        "scroll",
    ) +
        Views.scripts +
        "page"

private val styleSheet: String by lazy { resource("report.css") + paletteSheet() }

/**
 * The script of a kind of page.
 *
 * @param names its parts besides the palette, each after those that it uses
 */
private class PageScript(
    names: List<String>,
) {
    /** The script in one immediately invoked function, so that nothing is global. */
    val text: String by lazy {
        val parts = listOf(paletteScript()) + names.map { resource("script/$it.js") }
        parts.joinToString("\n", "(() => {\n'use strict';\n", "\n})();\n")
    }

    /**
     * The page's content-security policy: nothing is loaded, sent or framed; only the page's own style sheet and script
     * apply, identified by hash, so that markup smuggled in by a token can neither run nor style anything.
     */
    val policy: String by lazy {
        "default-src 'none'; img-src data:; style-src '${hash(styleSheet)}'; script-src '${hash(text)}'; " +
            "base-uri 'none'; form-action 'none'"
    }
}

private val wholePage = PageScript(SCRIPTS)

private val pageInFrame = PageScript(SCRIPTS + "frame")

/** Writes a whole page: the head, a link past the navigation, [before] the main part, and [main]. */
internal fun framed(
    name: String,
    kicker: String,
    data: Map<String, String> = emptyMap(),
    before: BODY.() -> Unit = {},
    main: MAIN.() -> Unit,
): String =
    visible(
        page(name, wholePage, data, main) {
            a("#main", classes = "skip") { +"Skip to the report" }
            header("top") {
                p("kicker") { +kicker }
                div { id = "tools" }
            }
            before()
        },
    )

/** Writes a page that another one shows in a frame, as high as its content. */
internal fun inFrame(
    name: String,
    data: Map<String, String>,
    before: BODY.() -> Unit,
    main: MAIN.() -> Unit,
): String =
    visible(
        page(name, pageInFrame, data, main) {
            classes = setOf("in-frame")
            div { id = "tools" }
            before()
        },
    )

private fun page(
    name: String,
    script: PageScript,
    data: Map<String, String>,
    main: MAIN.() -> Unit,
    top: BODY.() -> Unit,
): String =
    buildString {
        append("<!DOCTYPE html>\n")
        appendHTML(prettyPrint = false).html {
            lang = "en"
            pageHead(name, script.policy)
            body {
                top()
                main {
                    id = "main"
                    attributes["tabindex"] = "-1"
                    main()
                }
                data.forEach { (name, json) -> embedded(name, json) }
                script { unsafe { +script.text } }
            }
        }
        append("\n")
    }

private fun HTML.pageHead(name: String, policy: String) {
    head {
        meta(charset = "utf-8")
        meta {
            attributes["http-equiv"] = "Content-Security-Policy"
            attributes["content"] = policy
        }
        meta(name = "viewport", content = "width=device-width, initial-scale=1")
        meta(name = "color-scheme", content = "light dark")
        meta(name = "generator", content = "Kausal")
        title(name)
        style { unsafe { +styleSheet } }
    }
}

/** Embeds JSON for the page's script, inert for any strings. */
private fun BODY.embedded(
    name: String,
    json: String,
) {
    script(type = "application/json") {
        id = name
        unsafe { +inert(json) }
    }
}

/** Escapes the characters of [json] that could end its element, or a line of a script. */
internal fun inert(json: String): String =
    visibleJson(json).replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")

private fun hash(text: String): String {
    val digest = MessageDigest.getInstance("SHA-256").digest(text.toByteArray())
    return "sha256-" + Base64.getEncoder().encodeToString(digest)
}

internal fun resource(name: String): String =
    ReportPage::class.java.getResource(name)?.readText() ?: error("$name is not in the jar.")
