package dev.kausal.reports.page

import dev.kausal.reports.words.count
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.FilterResult
import dev.kausal.spec.outputs
import kotlinx.html.FlowContent
import kotlinx.html.details
import kotlinx.html.li
import kotlinx.html.p
import kotlinx.html.strong
import kotlinx.html.summary
import kotlinx.html.ul

/**
 * Describes how many contrasts [filters] keep, of one set (`facts: knows() keeps 18 of 24 contrasts.`) or of all; null if
 * there are none.
 */
internal fun keptSentence(
    filters: List<FilterResult>,
    spec: ExperimentSpec,
): String? {
    if (filters.size <= 1) return filters.firstOrNull()?.let { "${spec.shown(it.contrasts)}: ${kept(it)}" }
    val (kept, all) = filters.sumOf { it.kept.size } to filters.sumOf { it.candidates }
    return "Filters of ${count(filters.size, "set")} keep $kept of ${count(all, "contrast")}."
}

private fun kept(filter: FilterResult) =
    "${filter.rule} keeps ${filter.kept.size} of ${count(filter.candidates, "contrast")}."

/** Writes the contrasts that filters dropped, by reason. */
internal fun FlowContent.filtered(
    filters: List<FilterResult>,
    spec: ExperimentSpec,
) {
    filters.forEach { filter ->
        p {
            strong { +spec.shown(filter.contrasts) }
            +": ${kept(filter)}"
            rankSentence(filter, spec.model.outputs)?.let { +" $it" }
        }
        if (filter.dropped.isNotEmpty()) {
            details {
                summary { +count(filter.dropped.size, "dropped contrast") }
                ul {
                    filter.dropped.groupBy { it.fact?.rule ?: it.reason }.forEach { (rule, its) ->
                        val each = its.joinToString { d -> d.label + d.fact?.let { " (${it.found})" }.orEmpty() }
                        li { +"In ${its.size}, $rule: $each." }
                    }
                }
            }
        }
    }
}
