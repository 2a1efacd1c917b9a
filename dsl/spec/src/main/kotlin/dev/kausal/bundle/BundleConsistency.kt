package dev.kausal.bundle

import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.FilterResult
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import dev.kausal.spec.RunSpec
import dev.kausal.spec.kept

/** Checks that lengths in a bundle agree, so that readers may rely on them whoever wrote it. */
internal object BundleConsistency {
    /** Describes the first disagreement in a sentence; null if there is none. */
    fun violation(
        spec: ExperimentSpec,
        results: Results,
    ): String? {
        val prompts = spec.contrasts.flatMap { set -> set.contrasts.flatMap { listOfNotNull(it.clean, it.corrupted) } }
        return prompts.firstNotNullOfOrNull(::prompt)
            ?: results.filters.firstNotNullOfOrNull { filter(it, spec) }
            ?: spec.kept(results.filters).let { kept -> results.results.firstNotNullOfOrNull { result(it, kept) } }
    }

    private fun filter(
        filter: FilterResult,
        spec: ExperimentSpec,
    ): String? {
        val size = spec.contrasts.firstOrNull { it.name == filter.contrasts }?.contrasts?.size ?: return null
        val lacking = filter.kept.any { it !in 0 until size }
        return if (lacking) "results.json keeps contrasts that spec.json lacks" else null
    }

    private fun prompt(prompt: PromptSpec): String? {
        val ids = prompt.ids.size
        if (prompt.image == null && prompt.tokens.size != ids) {
            return "spec.json has a prompt of $ids ids and ${prompt.tokens.size} tokens"
        }
        val ranges = listOfNotNull(prompt.subject) + prompt.spans.values
        val inside = ranges.all { it.first >= 0 && it.last < prompt.length && it.first <= it.last + 1 }
        if (!inside || prompt.read?.let { it !in 0 until prompt.length } == true) {
            return "spec.json marks positions outside a prompt of ${prompt.length}"
        }
        return null
    }

    private fun result(
        result: Result,
        spec: ExperimentSpec,
    ): String? {
        val labels = result.axes.map { it.labels.size }
        val cells = labels.fold(1L) { all, size -> all * size }
        val rows = result.perExample.map { it.size }
        val arrays =
            with(result) {
                mapOf(
                    "mean" to mean,
                    "ciLow" to ciLow,
                    "ciHigh" to ciHigh,
                    "pValue" to pValue,
                    "pCorrected" to pCorrected,
                    "median" to median,
                    "standardError" to standardError,
                    "effect" to effect,
                )
            }
        val audited = result.cellAudit?.let { listOf(it.fired, it.unchanged, it.largestChange).map(List<*>::size) }
        val short = arrays.entries.firstOrNull { it.value.isNotEmpty() && it.value.size.toLong() != cells }
        val problem =
            when {
                result.shape != labels -> "axes of $labels labels, but a shape of ${result.shape}"
                rows.any { it.toLong() != cells } -> "$cells cells, but rows of ${rows.distinct()} numbers"
                result.examples.size != rows.size -> "${result.examples.size} examples, but ${rows.size} rows"
                audited?.any { it.toLong() != cells } == true -> "$cells cells, but audits of ${audited.distinct()}"
                short != null -> "$cells cells, but ${short.value.size} numbers in ${short.key}"
                else -> screening(result, cells) ?: attention(result, spec)
            } ?: return null
        return "results.json has in '${result.name}' $problem"
    }

    /** Checks exact numbers beside estimates. */
    private fun screening(
        result: Result,
        cells: Long,
    ): String? {
        val exact = result.exact
        val screening = result.screening
        val places = screening?.let { it.top + it.sampled }.orEmpty()
        return when {
            (exact != null || screening != null) && result.estimate == null -> {
                "exact numbers beside no estimate"
            }

            (exact == null) != (screening == null) -> {
                "exact numbers and how estimates agree, one without the other"
            }

            exact != null && (exact.size != result.examples.size || exact.any { it.size.toLong() != cells }) -> {
                "$cells cells, but rows of ${exact.map { it.size }.distinct()} exact numbers"
            }

            places.any { it !in 0 until cells } || places.distinct().size != places.size -> {
                "exact cells that are not those of a grid of $cells"
            }

            screening != null && listOf(screening.estimated, screening.exact).any { it.size != places.size } -> {
                "${places.size} exact cells, but ${screening.exact.size} exact changes"
            }

            else -> {
                null
            }
        }
    }

    /** Checks for texts longer than the axes of their attention. */
    private fun attention(
        result: Result,
        spec: ExperimentSpec,
    ): String? {
        val sides = result.axes.filter { it.name == "query" || it.name == "key" }.map { it.labels.size }
        val analysis = spec.analyses.firstOrNull { it.name == result.name } ?: return null
        val set = spec.contrasts.firstOrNull { it.name == analysis.contrasts } ?: return null
        val corrupted = analysis.run.input == RunSpec.Corrupted
        val prompts = set.contrasts.mapNotNull { if (corrupted) it.corrupted else it.clean }
        val longest = prompts.maxOfOrNull { it.length } ?: return null
        val least = sides.minOrNull() ?: return null
        return if (least < longest) "attention of $least positions, but a prompt of $longest" else null
    }
}
