package dev.kausal.reports.page

import kotlinx.html.DIV
import kotlinx.html.FlowContent
import kotlinx.html.div

/** Writes the box of a drawing, called [label] for screen readers, which the keyboard reaches. */
internal fun FlowContent.card(
    label: String,
    style: String = "card",
    content: DIV.() -> Unit,
): Unit =
    div(style) {
        attributes["tabindex"] = "0"
        attributes["role"] = "group"
        attributes["aria-label"] = label
        content()
    }
