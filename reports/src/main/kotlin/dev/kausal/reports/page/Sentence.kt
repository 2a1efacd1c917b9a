package dev.kausal.reports.page

import dev.kausal.spec.EdgeName
import kotlinx.html.FlowOrPhrasingContent
import kotlinx.html.span

/** Writes [text], in which no name of an edge breaks across lines. */
internal fun FlowOrPhrasingContent.sentence(text: String) {
    var end = 0
    for (edge in EdgeName.placesIn(text)) {
        +text.substring(end, edge.first)
        span("unbroken") { +text.substring(edge) }
        end = edge.last + 1
    }
    +text.substring(end)
}
