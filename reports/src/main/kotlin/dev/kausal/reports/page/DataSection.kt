package dev.kausal.reports.page

import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.spec.FilterResult
import kotlinx.html.FlowContent
import kotlinx.html.details
import kotlinx.html.li
import kotlinx.html.p
import kotlinx.html.strong
import kotlinx.html.summary
import kotlinx.html.ul

/** What the filters of contrast sets dropped, and why. */
internal fun FlowContent.filtered(filters: List<FilterResult>) {
    filters.forEach { filter ->
        val reasons = filter.dropped.groupingBy { it.reason }.eachCount().entries.sortedByDescending { it.value }
        p {
            strong { +filter.contrasts }
            +" is what ${filter.rule} keeps: ${filter.kept.size} of ${count(filter.candidates, "contrast")}. "
            if (reasons.isNotEmpty()) {
                +"Dropped: ${listed(reasons.map { (reason, n) -> "$n because $reason" })}."
            }
            rankSentence(filter)?.let { +" $it" }
        }
        if (filter.dropped.isNotEmpty()) {
            details {
                summary { +count(filter.dropped.size, "dropped contrast") }
                ul { filter.dropped.forEach { li { +"${it.label}: ${it.reason}" } } }
            }
        }
    }
}
