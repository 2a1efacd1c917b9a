package dev.kausal.run

import dev.kausal.engine.errors.KausalException
import dev.kausal.engine.requests.Outputs
import dev.kausal.run.backend.Backend
import dev.kausal.run.context.AnalysisProgress
import dev.kausal.run.inputs.EngineInputs
import dev.kausal.run.inputs.readAt
import dev.kausal.spec.AnswerRank
import dev.kausal.spec.Candidates
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.Dropped
import dev.kausal.spec.FilterResult
import dev.kausal.spec.FilterSpec
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.TokenSpec
import kotlin.math.exp

/** Decides which contrasts the model answers correctly, in one batch. */
internal class Filters(
    private val backend: Backend,
    private val inputs: EngineInputs,
    private val progress: AnalysisProgress,
) {
    private val logits = HashMap<PromptSpec, FloatArray>()

    /** One result for each set that has a filter; throws [NothingKept] where a filter leaves none. */
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
            together(set.contrasts.map { it to read(filter, candidates, it) }).flatMap { some ->
                run(some.flatMap { it.second })
                some.map { (contrast) -> rank(filter, candidates, contrast).let { it to reason(filter, it, contrast) } }
                    .onEach { tick() }
            }
        val each = looks.map { it.second }
        val reasons = if (filter is FilterSpec.Mistaken) surest(set.contrasts, each, filter.atMost) else each
        val kept = reasons.indices.filter { reasons[it] == null }
        val unknown = set.contrasts.zip(reasons).mapNotNull { (c, reason) -> reason?.let { Dropped(c.label, it) } }
        val dropped = set.unfit + unknown
        if (kept.isEmpty()) throw NothingKept(set.name, filter.text, dropped, remedy(filter))
        val ranks = looks.mapNotNull { it.first }
        return FilterResult(set.name, filter.text, set.unfit.size + set.contrasts.size, kept, dropped, ranks)
    }

    /** Where the answer of [contrast] stands; null if the filter does not ask. */
    private fun rank(
        filter: FilterSpec,
        candidates: Candidates?,
        contrast: ContrastSpec,
    ): AnswerRank? {
        if (filter is FilterSpec.Mistaken) return null
        val all = logits(contrast.clean)
        val own = all[checkNotNull(contrast.answer).id]
        val rank = 1 + all.count { it > own }
        return AnswerRank(rank, candidates?.rank(contrast, ::logits), candidates?.of(contrast)?.size)
    }

    private fun remedy(filter: FilterSpec): String =
        if (filter is FilterSpec.Mistaken) {
            "Use inputs that this model is wrong about, or leave the filter out."
        } else {
            "Use prompts that this model answers, another model, or a weaker rule such as knows(rank = 5)."
        }

    /** [contrasts] with their prompts, in their order, as many at once as fill a matrix product. */
    private fun together(
        contrasts: List<Pair<ContrastSpec, List<PromptSpec>>>,
    ): List<List<Pair<ContrastSpec, List<PromptSpec>>>> {
        val groups = mutableListOf<MutableList<Pair<ContrastSpec, List<PromptSpec>>>>()
        var rows = 0
        for (contrast in contrasts) {
            val its = contrast.second.sumOf { it.length }
            if (groups.isEmpty() || rows + its > backend.tuning.promptRows()) {
                groups += mutableListOf<Pair<ContrastSpec, List<PromptSpec>>>()
                rows = 0
            }
            groups.last() += contrast
            rows += its
        }
        return groups
    }

    /** The prompts that [filter] looks at. */
    private fun read(
        filter: FilterSpec,
        candidates: Candidates?,
        contrast: ContrastSpec,
    ): List<PromptSpec> {
        if (candidates != null) return candidates.prompts(contrast)
        val both = filter is FilterSpec.Knows && filter.corrupted && contrast.foil != null
        return listOfNotNull(contrast.clean, contrast.corrupted.takeIf { both })
    }

    /** Why [contrast] is dropped; null if it is kept. */
    private fun reason(
        filter: FilterSpec,
        rank: AnswerRank?,
        contrast: ContrastSpec,
    ): String? =
        when (filter) {
            is FilterSpec.Knows -> {
                val foil = contrast.foil
                val corrupted = contrast.corrupted
                unknown("clean", contrast.clean, checkNotNull(contrast.answer), filter.rank)
                    ?: if (filter.corrupted && corrupted != null && foil != null) {
                        unknown("corrupted", corrupted, foil, filter.rank)
                    } else {
                        null
                    }
            }

            is FilterSpec.Prefers -> {
                val all = logits(contrast.clean)
                val margin = all[checkNotNull(contrast.answer).id].toDouble() - all[checkNotNull(contrast.foil).id]
                "prefers the foil in the clean prompt".takeIf { margin <= filter.margin }
            }

            is FilterSpec.Among -> {
                "another candidate is likelier than the answer".takeIf { checkNotNull(rank?.among) > 1 }
            }

            is FilterSpec.Mistaken -> {
                val all = logits(contrast.clean)
                "the model is right about it".takeIf { all.largest() == checkNotNull(contrast.answer).id }
            }
        }

    /** Drops all but [atMost] of the mistakes, those of the largest probability being kept. */
    private fun surest(
        contrasts: List<ContrastSpec>,
        reasons: List<String?>,
        atMost: Int?,
    ): List<String?> {
        val mistakes = reasons.indices.filter { reasons[it] == null }
        val kept = mistakes.sortedByDescending { sureness(contrasts[it]) }.take(atMost ?: mistakes.size).toSet()
        val words = "the model is wrong about it, but less sure than of the $atMost kept"
        return reasons.mapIndexed { i, reason -> reason ?: words.takeIf { i !in kept } }
    }

    /** The probability of the predicted class. */
    private fun sureness(contrast: ContrastSpec): Double =
        logits(contrast.clean).let { all -> 1 / all.sumOf { exp(it.toDouble() - all.max()) } }

    private fun FloatArray.largest(): Int = indices.maxBy { this[it] }

    private fun unknown(
        side: String,
        prompt: PromptSpec,
        wanted: TokenSpec,
        rank: Int,
    ): String? {
        val all = logits(prompt)
        val own = all[wanted.id]
        val better = all.count { it > own }
        val whose = if (side == "clean") "answer" else "foil"
        return "the $whose is not among the $rank likeliest tokens of the $side prompt".takeIf { better >= rank }
    }

    /** Runs those of [prompts] that were not run yet, as prompts of several sets may be equal. */
    private fun run(prompts: List<PromptSpec>) {
        val new = (prompts.toSet() - logits.keys).toList()
        if (new.isEmpty()) return
        val outputs = backend.answer(Outputs(new.map(inputs::of), new.map { it.readAt }))
        new.forEachIndexed { i, prompt -> logits[prompt] = outputs[i] }
    }

    private fun logits(prompt: PromptSpec): FloatArray = logits.getValue(prompt)
}

/** A filter leaves nothing to run on. */
public class NothingKept internal constructor(
    /** The filtered set. */
    public val contrasts: String,
    rule: String,
    dropped: List<Dropped>,
    remedy: String,
) : KausalException(
        Blame.USER,
        "$rule keeps none of the ${dropped.size} examples of $contrasts: " +
            dropped.groupingBy {
                it.reason
            }.eachCount().entries.joinToString("; ") { "${it.value} because ${it.key}" } +
            ". $remedy",
    ) {
    private companion object {
        const val serialVersionUID: Long = 1L
    }
}
