package dev.kausal.reports.page

import dev.kausal.reports.words.count
import dev.kausal.spec.FilterResult
import kotlinx.html.FlowContent
import kotlinx.html.details
import kotlinx.html.li
import kotlinx.html.p
import kotlinx.html.strong
import kotlinx.html.summary
import kotlinx.html.ul

/** The contrasts that filters dropped, by reason. */
internal fun FlowContent.filtered(filters: List<FilterResult>) {
    filters.forEach { filter ->
        p {
            strong { +filter.contrasts }
            +": ${filter.rule} keeps ${filter.kept.size} of ${count(filter.candidates, "contrast")}."
            rankSentence(filter)?.let { +" $it" }
        }
        if (filter.dropped.isNotEmpty()) {
            details {
                summary { +count(filter.dropped.size, "dropped contrast") }
                ul {
                    filter.dropped.groupBy({ it.reason }, { it.label }).forEach { (reason, labels) ->
                        li { +"${labels.size} because $reason: ${labels.joinToString()}" }
                    }
                }
            }
        }
    }
}
