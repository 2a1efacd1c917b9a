package dev.kausal.spec

import kotlin.math.exp
import kotlin.math.ln

/**
 * The answers that compete with a contrast's answer: its own candidates, or the answers and foils of all [contrasts] in
 * its group.
 *
 * Log-likelihoods come from logits of the clean prompt and, for candidates of several tokens, of the clean prompt
 * continued with all of their tokens but the last.
 */
public class Candidates(
    contrasts: List<ContrastSpec>,
    private val by: Grouping,
) {
    private val pools =
        contrasts.groupBy { pool(it) }.mapValues { (_, group) -> group.flatMap { own(it) }.distinctBy { it.ids } }

    /** Returns the distinct candidates for [contrast], including its answers and foils. */
    public fun of(contrast: ContrastSpec): List<CandidateSpec> =
        if (contrast.candidates.isEmpty()) {
            pools.getValue(pool(contrast))
        } else {
            (own(contrast) + contrast.candidates).distinctBy { it.ids }
        }

    /** Returns the prompts whose logits determine the candidates' likelihoods. */
    public fun prompts(contrast: ContrastSpec): List<PromptSpec> =
        of(contrast).flatMap { candidate ->
            candidate.ids.indices.map { continued(contrast.clean, candidate.ids.take(it)) }
        }
            .distinct()

    /** Returns the rank of the most likely answer by log-likelihood; 1 is the most likely of all candidates. */
    public fun rank(
        contrast: ContrastSpec,
        logits: (PromptSpec) -> FloatArray,
    ): Int {
        val likelihoods =
            of(contrast).associate { candidate ->
                candidate.ids to
                    candidate.ids.indices.sumOf { i ->
                        logProbability(logits(continued(contrast.clean, candidate.ids.take(i))), candidate.ids[i])
                    }
            }
        val own = contrast.answers.maxOf { likelihoods.getValue(listOf(it.id)) }
        return 1 + likelihoods.values.count { it > own }
    }

    /** Returns the group of a contrast; those without relation or template compete with one another. */
    private fun pool(contrast: ContrastSpec): String =
        if (by == Grouping.Relation || by == Grouping.Template) contrast.groups[by].orEmpty() else contrast.group(by)

    private fun own(contrast: ContrastSpec): List<CandidateSpec> =
        (contrast.answers + contrast.foils).map { CandidateSpec(it.text, listOf(it.id)) }

    private fun continued(
        prompt: PromptSpec,
        ids: List<Int>,
    ): PromptSpec =
        if (ids.isEmpty()) prompt else prompt.copy(ids = prompt.ids + ids, tokens = prompt.tokens + ids.map { "$it" })

    private fun logProbability(
        logits: FloatArray,
        token: Int,
    ): Double {
        val greatest = logits.max().toDouble()
        return logits[token] - greatest - ln(logits.sumOf { exp(it - greatest) })
    }
}
