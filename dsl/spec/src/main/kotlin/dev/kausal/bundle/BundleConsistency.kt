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
        val problem = ResultLengths(result).violation() ?: attention(result, spec) ?: return null
        return "results.json has in '${result.name}' $problem"
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
