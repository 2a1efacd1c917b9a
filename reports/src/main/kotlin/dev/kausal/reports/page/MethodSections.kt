package dev.kausal.reports.page

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.Stories
import dev.kausal.reports.stories.methodOf
import dev.kausal.reports.stories.metricOf
import dev.kausal.reports.stories.spansOf
import dev.kausal.reports.words.listed
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.SweepSpec
import kotlinx.html.FlowContent
import kotlinx.html.h3
import kotlinx.html.li
import kotlinx.html.p
import kotlinx.html.strong
import kotlinx.html.ul

/**
 * Writes the method of each analysis; texts shared by analyses of one class, and definitions of metrics, appear once.
 */
internal fun FlowContent.analyses(spec: ExperimentSpec) {
    val explained = mutableSetOf<String>()
    ul {
        spec.analyses.forEach { analysis ->
            li {
                strong { +analysis.name }
                +" (${spec.shown(analysis.contrasts)}${analysis.line?.let { ", line $it" } ?: ""}). "
                +methodOf(analysis)
                Stories.of(analysis).background?.takeIf { explained.add(it) }?.let { +" $it" }
            }
        }
    }
    spansOf(spec.analyses.filterIsInstance<SweepSpec>())?.let { p { +it } }
    val metrics = spec.analyses.mapNotNull { metricOf(it) }.distinct()
    if (metrics.isEmpty()) return
    h3 { +"Metrics" }
    metrics.forEach { metric -> p { +"${metric.replaceFirstChar { it.uppercase() }}." } }
    if (metrics.any { !it.startsWith("loss:") }) readingPlace(spec)?.let { p { +it } }
}

/** Describes how intervals and p are computed, once for all results that share the method. */
internal fun FlowContent.statistics(grids: List<ResultGrid>) {
    val names =
        grids.mapNotNull { grid -> Stories.of(grid).inference(grid)?.let { it to grid.result.name } }
            .groupBy({ it.first }, { it.second })
    if (names.isEmpty()) return
    h3 { +"Statistics" }
    names.forEach { (text, results) ->
        p {
            if (names.size > 1) strong { +"${listed(results)}. " }
            +text
        }
    }
}
