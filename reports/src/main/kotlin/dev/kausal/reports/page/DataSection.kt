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

/** Describes how many contrasts of a set [filter] keeps: `facts: knows() keeps 18 of 24 contrasts.` */
internal fun keptSentence(
    filter: FilterResult,
    spec: ExperimentSpec,
): String = "${spec.shown(filter.contrasts)}: ${kept(filter)}"

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
