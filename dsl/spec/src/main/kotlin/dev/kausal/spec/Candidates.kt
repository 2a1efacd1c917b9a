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
        likelihoodPrompts(contrast.clean, of(contrast).map { it.ids })

    /** Returns the rank of the most likely answer by log-likelihood; 1 is the most likely of all candidates. */
    public fun rank(
        contrast: ContrastSpec,
        logits: (PromptSpec) -> FloatArray,
    ): Int {
        val likelihood = Likelihoods(contrast.clean, logits)
        val likelihoods = of(contrast).associate { it.ids to likelihood.of(it.ids) }
        val own = contrast.answers.maxOf { likelihoods.getValue(it.ids) }
        return 1 + likelihoods.values.count { it > own }
    }

    /** Returns the group of a contrast; those without relation or template compete with one another. */
    private fun pool(contrast: ContrastSpec): String =
        if (by == Grouping.Relation || by == Grouping.Template) contrast.groups[by].orEmpty() else contrast.group(by)

    private fun own(contrast: ContrastSpec): List<CandidateSpec> =
        (contrast.answers + contrast.foils).map { CandidateSpec(it.text, it.ids) }
}

/** Returns the prompts whose logits determine the likelihoods of [continuations] of [prompt]. */
public fun likelihoodPrompts(
    prompt: PromptSpec,
    continuations: List<List<Int>>,
): List<PromptSpec> = continuations.flatMap { ids -> ids.indices.map { continued(prompt, ids.take(it)) } }.distinct()

/** Log-likelihoods, in nats, of continuations of [prompt], from the [logits] of [likelihoodPrompts]. */
public class Likelihoods(
    private val prompt: PromptSpec,
    private val logits: (PromptSpec) -> FloatArray,
) {
    private class Logits(
        val values: FloatArray,
    ) {
        private val greatest = values.max().toDouble()
        private val total = greatest + ln(values.sumOf { exp(it - greatest) })

        fun logProbability(token: Int): Double = values[token] - total
    }

    private val after = HashMap<List<Int>, Logits>()

    /** Returns the log-likelihood of the continuation [ids]. */
    public fun of(ids: List<Int>): Double =
        ids.indices.sumOf { i ->
            val before = ids.take(i)
            after.getOrPut(before) { Logits(logits(continued(prompt, before))) }.logProbability(ids[i])
        }
}

private fun continued(
    prompt: PromptSpec,
    ids: List<Int>,
): PromptSpec =
    if (ids.isEmpty()) prompt else prompt.copy(ids = prompt.ids + ids, tokens = prompt.tokens + ids.map { "$it" })
