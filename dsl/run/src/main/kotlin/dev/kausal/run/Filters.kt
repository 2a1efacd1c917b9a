package dev.kausal.run

import dev.kausal.engine.errors.KausalException
import dev.kausal.run.context.AnalysisProgress
import dev.kausal.run.inputs.AnswerLogits
import dev.kausal.spec.AnswerRank
import dev.kausal.spec.AnswerRole
import dev.kausal.spec.Candidates
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.DropFact
import dev.kausal.spec.Dropped
import dev.kausal.spec.FilterResult
import dev.kausal.spec.FilterSpec
import dev.kausal.spec.Likelihoods
import dev.kausal.spec.OutputKind
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.TokenSpec
import dev.kausal.spec.blankText
import dev.kausal.spec.droppedText
import dev.kausal.spec.likelihoodPrompts
import dev.kausal.spec.missingBlankText
import kotlin.math.exp

/** Decides which contrasts the model answers correctly, in batches. */
internal class Filters(
    private val logits: AnswerLogits,
    private val outputs: OutputKind,
    private val progress: AnalysisProgress,
) {
    /** Returns one result per filtered set; throws [NothingKept] if a filter leaves none. */
    fun apply(sets: List<ContrastSetSpec>): List<FilterResult> {
        val filtered = sets.filter { it.filter != null }
        if (filtered.isEmpty()) return emptyList()
        progress.begin("filter", filtered.sumOf { it.contrasts.size })
        var done = 0
        return filtered
            .map { set -> result(set) { progress.done(++done) } }
            .also { progress.end() }
    }

    private fun result(
        set: ContrastSetSpec,
        tick: () -> Unit,
    ): FilterResult {
        val filter = checkNotNull(set.filter)
        val candidates = (filter as? FilterSpec.Among)?.let { Candidates(set.contrasts, it.by) }
        val looks =
            logits.together(set.contrasts.map { it to read(filter, candidates, it) }).flatMap { some ->
                logits.run(some.flatMap { it.second })
                some.map { (contrast) -> rank(filter, candidates, contrast).let { it to reason(filter, it, contrast) } }
                    .onEach { tick() }
            }
        val each = looks.map { it.second }
        val reasons = if (filter is FilterSpec.Mistaken) surest(set.contrasts, each, filter.atMost) else each
        val kept = reasons.indices.filter { reasons[it] == null }
        val unknown = set.contrasts.zip(reasons).mapNotNull { (c, fact) -> fact?.let { Dropped(c.label, it) } }
        val dropped = set.unfit + unknown
        if (kept.isEmpty()) throw NothingKept(set.shown, filter.text, dropped, remedy(filter, set))
        val ranks = looks.mapNotNull { it.first }
        return FilterResult(set.name, filter.text, set.unfit.size + set.contrasts.size, kept, dropped, ranks)
    }

    /** Returns the rank of the most likely answer of [contrast]; null if the filter does not need it. */
    private fun rank(
        filter: FilterSpec,
        candidates: Candidates?,
        contrast: ContrastSpec,
    ): AnswerRank? {
        if (filter is FilterSpec.Mistaken) return null
        val all = logits.of(contrast.clean)
        val own = contrast.answers.maxOf { all[it.id] }
        val rank = 1 + all.count { it > own }
        return AnswerRank(rank, candidates?.rank(contrast, logits::of), candidates?.of(contrast)?.size)
    }

    private fun remedy(
        filter: FilterSpec,
        set: ContrastSetSpec,
    ): String {
        val missing = MissingBlanks(logits).of(listOf(set)).ifEmpty { null }?.let { missingBlankText(set.shown, it) }
        val blanks = listOfNotNull(missing, blankText(set))
        if (blanks.isNotEmpty()) return blanks.joinToString(" ")
        return if (filter is FilterSpec.Mistaken) {
            "Use inputs that this model is wrong about, or remove the filter."
        } else {
            "Use prompts that this model answers, another model, or a weaker rule such as knows(rank = 5)."
        }
    }

    /** Returns the prompts that [filter] reads. */
    private fun read(
        filter: FilterSpec,
        candidates: Candidates?,
        contrast: ContrastSpec,
    ): List<PromptSpec> {
        if (candidates != null) return candidates.prompts(contrast)
        if (filter is FilterSpec.Prefers) {
            return likelihoodPrompts(contrast.clean, (contrast.answers + contrast.foils).map { it.ids })
        }
        val both = filter is FilterSpec.Knows && filter.corrupted && contrast.foil != null
        return listOfNotNull(contrast.clean, contrast.corrupted.takeIf { both })
    }

    /** Returns why [contrast] is dropped; null if it is kept. */
    private fun reason(
        filter: FilterSpec,
        rank: AnswerRank?,
        contrast: ContrastSpec,
    ): DropFact? =
        when (filter) {
            is FilterSpec.Knows -> {
                val corrupted = contrast.corrupted
                unknown(AnswerRole.Answer, contrast.clean, contrast.answers, filter.rank)
                    ?: if (filter.corrupted && corrupted != null && contrast.foils.isNotEmpty()) {
                        unknown(AnswerRole.Foil, corrupted, contrast.foils, filter.rank)
                    } else {
                        null
                    }
            }

            is FilterSpec.Prefers -> {
                val likelihoods = Likelihoods(contrast.clean, logits::of)
                val likelihood = { token: TokenSpec -> likelihoods.of(token.ids) }
                val margin = contrast.answers.map(likelihood).average() - contrast.foils.map(likelihood).average()
                DropFact.Margin(margin, filter.margin, whole = contrast.hasWhole).takeIf { margin <= filter.margin }
            }

            is FilterSpec.Among -> {
                val among = checkNotNull(rank?.among)
                DropFact.Candidate(among, checkNotNull(rank.candidates)).takeIf { among > 1 }
            }

            is FilterSpec.Mistaken -> {
                val all = logits.of(contrast.clean)
                val right = all.largest() in contrast.answers.map { it.id }
                DropFact.Right(sureness(contrast)).takeIf { right }
            }
        }

    /** Drops all but [atMost] of the mistakes, keeping those with the highest probability. */
    private fun surest(
        contrasts: List<ContrastSpec>,
        reasons: List<DropFact?>,
        atMost: Int?,
    ): List<DropFact?> {
        val mistakes = reasons.indices.filter { reasons[it] == null }
        val kept = mistakes.sortedByDescending { sureness(contrasts[it]) }.take(atMost ?: mistakes.size).toSet()
        return reasons.mapIndexed { i, reason ->
            reason ?: if (i in kept) null else DropFact.LessSure(sureness(contrasts[i]), kept.size)
        }
    }

    /** Returns the probability of the predicted class. */
    private fun sureness(contrast: ContrastSpec): Double =
        logits.of(contrast.clean).let { all -> 1 / all.sumOf { exp(it.toDouble() - all.max()) } }

    private fun FloatArray.largest(): Int = indices.maxBy { this[it] }

    private fun unknown(
        role: AnswerRole,
        prompt: PromptSpec,
        wanted: List<TokenSpec>,
        most: Int,
    ): DropFact? {
        val all = logits.of(prompt)
        val own = wanted.maxOf { all[it.id] }
        val rank = 1 + all.count { it > own }
        return DropFact.Rank(role, rank, most, outputs, prompt.image != null).takeIf { rank > most }
    }
}

/** Whether an answer or foil has several tokens. */
private val ContrastSpec.hasWhole: Boolean get() = (answers + foils).any { it.rest.isNotEmpty() }

/** A filter that leaves nothing to run on. */
public class NothingKept internal constructor(
    /** Name of the filtered set. */
    public val contrasts: String,
    rule: String,
    dropped: List<Dropped>,
    remedy: String,
) : KausalException(
        Blame.USER,
        "${keeps(rule, contrasts, dropped)}. $remedy",
    ) {
    private companion object {
        const val serialVersionUID: Long = 1L

        fun keeps(
            rule: String,
            contrasts: String,
            dropped: List<Dropped>,
        ): String {
            val all = "$rule keeps none of the ${dropped.size} examples of $contrasts: ${droppedText(dropped)}"
            val only = dropped.singleOrNull() ?: return all
            return "$rule does not keep the only example of $contrasts: ${only.fact?.text ?: only.reason}"
        }
    }
}
