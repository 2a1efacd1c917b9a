package dev.kausal.reports.figure

import dev.kausal.reports.svg.Markup
import dev.kausal.reports.svg.tag
import dev.kausal.reports.svg.text

/** A line above or below what it is about. */
internal fun line(words: String): Markup = line { text(words) }

/** A line above or below what it is about. */
internal fun line(content: () -> Markup): Markup = tag("p", "class" to "of", content = content)

/** A line with a name in bold. */
internal fun named(words: String): Markup = line { tag("strong") { text(words) } }

/** The sentence in place of a figure. */
internal fun absent(words: String): Markup = tag("p", "class" to "none") { text(words) }

/** What the reader opens by its [summary]. */
internal fun folded(
    summary: String,
    content: () -> Markup,
): Markup = tag("details") { tag("summary") { text(summary) } + content() }

/** A block of the style sheet's class [style]. */
internal fun block(
    style: String,
    content: () -> Markup,
): Markup = tag("div", "class" to style, content = content)

/** What a figure shows of an example, by its number in the result. */
internal fun ofExample(
    example: Int,
    content: () -> Markup,
): Markup = tag("div", "class" to "example", "data-example" to example, content = content)

/** A table that scrolls by itself, with the attributes [of] its own. */
internal fun scrolledTable(
    vararg of: Pair<String, Any?>,
    head: Markup,
    rows: Markup,
): Markup =
    tag("div", "class" to "scroll", "tabindex" to 0) {
        tag("table", *of) { tag("thead") { tag("tr") { head } } + tag("tbody") { rows } }
    }

/** The heading of a column, or of a row. */
internal fun heading(
    scope: String,
    words: String,
): Markup = tag("th", "scope" to scope) { text(words) }

/** A picture with its caption. */
internal fun panel(
    picture: Markup,
    caption: String,
): Markup = block("panel") { picture + tag("span") { text(caption) } }
