package dev.kausal.run

import dev.kausal.run.inputs.AnswerLogits
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.MissingBlank
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.TokenSpec
import dev.kausal.spec.TwoForms

/** Measures the effect of a leading blank on answers that may lack one. */
internal class MissingBlanks(
    private val logits: AnswerLogits,
) {
    /** Returns one measurement for each contrast of [sets] with such an answer or foil. */
    fun of(sets: List<ContrastSetSpec>): List<MissingBlank> {
        val suspects = sets.flatMap { set -> set.contrasts.filter(::isSuspect).map { set to it } }
        val asked = suspects.map { it to listOfNotNull(it.second.clean, it.second.corrupted) }
        logits.together(asked).forEach { some -> logits.run(some.flatMap { it.second }) }
        return suspects.map { (set, contrast) -> measured(set, contrast) }
    }

    private fun isSuspect(contrast: ContrastSpec) =
        contrast.answer != null && (contrast.answers + contrast.foils).any { it.spaced != null }

    private fun measured(
        set: ContrastSetSpec,
        contrast: ContrastSpec,
    ): MissingBlank {
        val forms = { prompt: PromptSpec ->
            TwoForms(read(prompt, contrast) { it.id }, read(prompt, contrast) { it.spaced ?: it.id })
        }
        return MissingBlank(
            set.name,
            contrast.label,
            checkNotNull(contrast.answer),
            contrast.foil,
            forms(contrast.clean),
            contrast.corrupted?.let(forms),
            contrast.moreAnswers,
            contrast.moreFoils,
        )
    }

    private fun read(
        prompt: PromptSpec,
        contrast: ContrastSpec,
        id: (TokenSpec) -> Int,
    ): Double {
        val all = logits.of(prompt)
        val foils = contrast.foils.map { all[id(it)].toDouble() }
        return contrast.answers.map { all[id(it)].toDouble() }.average() - if (foils.isEmpty()) 0.0 else foils.average()
    }
}
