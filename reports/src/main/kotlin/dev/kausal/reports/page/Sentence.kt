package dev.kausal.reports.page

import kotlinx.html.FlowOrPhrasingContent
import kotlinx.html.span

private val EDGE = Regex("""(?:embed|L\d+H\d+|L\d+ mlp) -> (?:L\d+\.[qkv]\d+|L\d+ mlp|logits)""")

/** Writes [text], in which no name of an edge breaks across lines. */
internal fun FlowOrPhrasingContent.sentence(text: String) {
    var end = 0
    for (edge in EDGE.findAll(text)) {
        +text.substring(end, edge.range.first)
        span("unbroken") { +edge.value }
        end = edge.range.last + 1
    }
    +text.substring(end)
}
