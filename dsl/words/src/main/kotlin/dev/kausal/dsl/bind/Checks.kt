package dev.kausal.dsl.bind

import dev.kausal.dsl.BuiltInMetric
import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.CorruptedRun
import dev.kausal.dsl.EditedRun
import dev.kausal.dsl.NoisedRun
import dev.kausal.dsl.Patch
import dev.kausal.dsl.Place
import dev.kausal.dsl.Position
import dev.kausal.dsl.Run
import dev.kausal.dsl.Span
import dev.kausal.dsl.afterSubject
import dev.kausal.dsl.clean
import dev.kausal.dsl.everyPosition
import dev.kausal.dsl.further
import dev.kausal.dsl.last
import dev.kausal.dsl.loss
import dev.kausal.dsl.mistakes.ContrastPart
import dev.kausal.dsl.mistakes.EditMistake
import dev.kausal.dsl.mistakes.LikelihoodMistake
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.dsl.subject
import dev.kausal.dsl.subjectFirst
import dev.kausal.dsl.subjectLast
import dev.kausal.dsl.subjectMiddle
import dev.kausal.spec.Candidates
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.FilterSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.PromptSpec

/** Returns the prompt that [run] runs; null if the contrast has no corrupted one. */
internal fun ContrastSpec.prompt(run: Run): PromptSpec? = if (run.input == CorruptedRun) corrupted else clean

/** Checks that a set's contrasts have what analyses need. */
internal class InputRequirements(
    private val binding: Binding,
) {
    /** Checks that each contrast has a foil; each answer and foil must be one token if [single]. */
    fun foil(
        line: Int?,
        neededBy: String,
        set: ContrastSetSpec,
        single: Boolean = true,
    ) {
        report(line, ContrastPart.Foil, neededBy, set.contrasts.filter { it.foil == null })
        if (single) oneToken(line, neededBy, set) else binding.continued += set.name
    }

    /** Checks that each contrast has an answer; each answer and foil must be one token if [single]. */
    fun answer(
        line: Int?,
        neededBy: String,
        set: ContrastSetSpec,
        single: Boolean = true,
    ) {
        report(line, ContrastPart.Answer, neededBy, set.contrasts.filter { it.answer == null })
        if (single) oneToken(line, neededBy, set) else binding.continued += set.name
    }

    /** Checks that answers and foils are single tokens. */
    fun oneToken(
        line: Int?,
        neededBy: String,
        set: ContrastSetSpec,
    ) {
        for (contrast in set.contrasts) {
            for (token in (contrast.answers + contrast.foils).filter { it.rest.isNotEmpty() }) {
                val known = binding.severalTokens[contrast.label to token]
                binding.mistakes += known ?: setOf(LikelihoodMistake.SeveralTokens(line, neededBy, token.text))
            }
        }
    }

    /** Checks that each contrast has several candidate answers. */
    fun candidates(
        line: Int?,
        filter: FilterSpec.Among,
        set: ContrastSetSpec,
    ) {
        val candidates = Candidates(set.contrasts, filter.by)
        val alone = set.contrasts.filter { candidates.of(it).size < 2 }
        if (alone.isEmpty()) return
        val found = "one candidate for ${alone.take(SHOWN).joinToString { it.label }}"
        binding.mistakes +=
            Mistake.BadValue(
                line,
                filter.text,
                found,
                "two or more: name candidates, or foils, or more contrasts of a relation",
            )
    }

    /** Checks that a classifier has several classes: the probability of a single class is always 1. */
    fun severalClasses(
        line: Int?,
        neededBy: String,
    ) {
        binding.facts.classes.singleOrNull()?.let { binding.mistakes += Mistake.OneClass(line, neededBy, it) }
    }

    /** Checks what [metric] reads. */
    fun metric(
        line: Int?,
        metric: BuiltInMetric,
        set: ContrastSetSpec,
    ) {
        if (metric.needsAnswer) answer(line, metric.spec.text, set)
        if (metric.needsFoil) foil(line, metric.spec.text, set)
        if (metric === loss) nextToken(line, metric, set)
        if (metric.spec in OF_SHARES) severalClasses(line, metric.spec.text)
        if (metric === loss && binding.facts.capability != CausalLm::class.java.simpleName) {
            binding.mistakes += Mistake.NoNextTokens(line, metric.spec.text, binding.facts.capability)
        }
    }

    /** Checks that no prompt has a single token: every unedited run of a set is measured. */
    private fun nextToken(
        line: Int?,
        metric: BuiltInMetric,
        set: ContrastSetSpec,
    ) {
        val corrupted = set.contrasts.all { it.corrupted != null }
        val read = set.contrasts.flatMap { listOfNotNull(it.clean, it.corrupted.takeIf { corrupted }) }
        val short = read.filter { it.length == 1 }.map { it.text }.distinct()
        if (short.isNotEmpty()) binding.mistakes += Mistake.ShortPrompt(line, metric.spec.text, short)
    }

    /** Checks the prompts of [run], the subject and parameters of its noise; it may be an edited run if [read]. */
    fun run(
        line: Int?,
        neededBy: String,
        run: Run,
        set: ContrastSetSpec,
        read: Boolean = false,
    ) {
        if (run is EditedRun) {
            if (read) {
                run(line, neededBy, run.input, set)
            } else {
                binding.mistakes += EditMistake.EditedRunUsed(line, neededBy)
            }
            return
        }
        if (run == CorruptedRun) corrupted(line, neededBy, set)
        if (run !is NoisedRun) return
        unit(line, run)
        if (run.samples < 1) binding.mistakes += Mistake.BadValue(line, "samples", "${run.samples}", "1 or more")
        if ((run.span as? Span)?.eachOf == true) {
            binding.mistakes +=
                Mistake.BadValue(line, "the place of noise", "${run.span}", "one span of tokens, such as subject")
            return
        }
        if (!(run.sigmas > 0)) binding.mistakes += Mistake.BadValue(line, "sigmas", "${run.sigmas}", "above 0")
        val prompts = set.contrasts.map { it.clean to it.label }
        PositionResolver(binding).check(line, "noise at ${run.span}", run.span, prompts)
    }

    /** Checks the unit of noise. */
    private fun unit(
        line: Int?,
        run: NoisedRun,
    ) {
        fun bad(
            name: String,
            found: String,
            expected: String,
        ) {
            binding.mistakes += Mistake.BadValue(line, name, found, expected)
        }
        val number = run.deviation
        if (number != null && !(number > 0 && number < Double.POSITIVE_INFINITY)) {
            bad("deviation", "$number", "above 0")
        }
        val of = run.of ?: return
        if (number != null) bad("the unit of noise", "both of = ... and deviation = ...", "given once")
        if (binding.facts.images != null) {
            bad("of", of.shown, "left out for images: their noise is measured in the patches' own embeddings")
        } else {
            binding.samples += of
        }
    }

    fun corrupted(
        line: Int?,
        neededBy: String,
        set: ContrastSetSpec,
    ): Unit = report(line, ContrastPart.Corrupted, neededBy, set.contrasts.filter { it.corrupted == null })

    private fun report(
        line: Int?,
        part: ContrastPart,
        neededBy: String,
        without: List<ContrastSpec>,
    ) {
        if (without.isNotEmpty()) binding.mistakes += Mistake.Lacking(line, part, neededBy, without.map { it.label })
    }

    private companion object {
        const val SHOWN = 3

        /** Metrics that are shares among classes. */
        val OF_SHARES =
            setOf(MetricSpec.Probability, MetricSpec.LogProbability, MetricSpec.ProbabilityDifference, MetricSpec.Kl)
    }
}

/** Resolves places to positions in prompts. */
internal class PositionResolver(
    private val binding: Binding,
) {
    /** Reports every prompt, given with its contrast's label, that lacks [place]; returns true if none does. */
    fun check(
        line: Int?,
        neededBy: String,
        place: Place?,
        prompts: List<Pair<PromptSpec, String>>,
    ): Boolean {
        if (place is Span && place.needsSubject) {
            val without = prompts.filter { (prompt) -> prompt.subject == null }.map { it.second }.distinct()
            if (without.isNotEmpty()) {
                binding.mistakes += Mistake.Lacking(line, ContrastPart.Subject, neededBy, without)
                return false
            }
        }
        val lacking = prompts.map { it.first }.filter { find(place, it) == null }
        lacking.forEach { report(line, place, it) }
        return lacking.isEmpty()
    }

    private fun report(
        line: Int?,
        place: Place?,
        prompt: PromptSpec,
    ) {
        binding.mistakes +=
            when (place) {
                is Position -> {
                    Mistake.NoSuchPosition(line, place.index, prompt.text, prompt.length)
                }

                is Patch -> {
                    val grid = prompt.image?.run { gridRows to gridColumns }
                    Mistake.NoSuchPatch(line, "$place", prompt.text, grid)
                }

                else -> {
                    Mistake.SpanAbsent(line, place.toString(), prompt.text)
                }
            }
    }

    private val Span.needsSubject: Boolean get() = this in ofSubject

    companion object {
        private val ofSubject = listOf(subject, subjectFirst, subjectMiddle, subjectLast, afterSubject, further)

        /** Returns the positions of [place]; null if the prompt has no such place. */
        fun find(
            place: Place?,
            prompt: PromptSpec,
        ): IntRange? {
            val all = prompt.tokens.indices
            val marked = prompt.subject
            return when (place) {
                null -> all
                is Position -> (place.index..place.index).takeIf { place.index in all }
                last -> all.last..all.last
                everyPosition -> all
                subject -> marked?.let { it.first..it.last }
                subjectFirst -> marked?.let { it.first..it.first }
                subjectLast -> marked?.let { it.last..it.last }
                subjectMiddle -> marked?.let { it.first + 1 until it.last }
                further -> marked?.let { it.last + 2 until all.last }
                afterSubject -> marked?.let { it.last + 1..it.last + 1 }?.takeIf { it.first in all }
                is Span -> prompt.spans[place.name]?.let { it.first..it.last }
                is Patch -> patch(place, prompt)
            }
        }

        private fun patch(
            place: Patch,
            prompt: PromptSpec,
        ): IntRange? {
            val image = prompt.image ?: return null
            val inside = place.row in 0 until image.gridRows && place.column in 0 until image.gridColumns
            val first = prompt.spans.getValue("patches").first
            return if (inside) (first + place.row * image.gridColumns + place.column).let { it..it } else null
        }
    }
}
