package dev.kausal.run

import dev.kausal.run.inputs.AnswerLogits
import dev.kausal.run.inputs.together
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.MissingBlank
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.TokenSpec
import dev.kausal.spec.TwoForms

/** Measures what answers that may lack their leading blank would give with it. */
internal class MissingBlanks(
    private val logits: AnswerLogits,
) {
    /** One for each contrast of [sets] that has such an answer or foil. */
    fun of(sets: List<ContrastSetSpec>): List<MissingBlank> {
        val suspects = sets.flatMap { set -> set.contrasts.filter(::isSuspect).map { set to it } }
        val asked = suspects.map { it to listOfNotNull(it.second.clean, it.second.corrupted) }
        together(asked, logits.rows).forEach { some -> logits.run(some.flatMap { it.second }) }
        return suspects.map { (set, contrast) -> measured(set, contrast) }
    }

    private fun isSuspect(contrast: ContrastSpec) =
        contrast.answer != null && listOfNotNull(contrast.answer, contrast.foil).any { it.spaced != null }

    private fun measured(
        set: ContrastSetSpec,
        contrast: ContrastSpec,
    ): MissingBlank {
        val answer = checkNotNull(contrast.answer)
        val foil = contrast.foil
        val forms = { prompt: PromptSpec ->
            TwoForms(read(prompt, answer, foil) { it.id }, read(prompt, answer, foil) { it.spaced ?: it.id })
        }
        return MissingBlank(
            set.name,
            contrast.label,
            answer,
            foil,
            forms(contrast.clean),
            contrast.corrupted?.let(forms),
        )
    }

    private fun read(
        prompt: PromptSpec,
        answer: TokenSpec,
        foil: TokenSpec?,
        id: (TokenSpec) -> Int,
    ): Double {
        val all = logits.of(prompt)
        return all[id(answer)].toDouble() - (foil?.let { all[id(it)].toDouble() } ?: 0.0)
    }
}
