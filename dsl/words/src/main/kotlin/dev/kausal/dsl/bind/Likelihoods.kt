package dev.kausal.dsl.bind

import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.EditedRun
import dev.kausal.dsl.Intervention
import dev.kausal.dsl.Place
import dev.kausal.dsl.declare.Value
import dev.kausal.dsl.everyPosition
import dev.kausal.dsl.mistakes.EstimateMistake
import dev.kausal.dsl.mistakes.LikelihoodMistake
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.EstimateSpec
import dev.kausal.spec.MetricSpec

/** Reports what [set] lacks for [metric], whose answers may have several tokens. */
internal fun Binding.likelihood(
    line: Int?,
    metric: MetricSpec.Likelihood,
    set: ContrastSetSpec,
) {
    if (!facts.isA(CausalLm::class.java)) {
        mistakes += Mistake.NoNextTokens(line, metric.text, facts.capability)
        return
    }
    needs.answer(line, metric.text, set, single = false)
    if (metric.ofFoils) needs.foil(line, metric.text, set, single = false)
    fit(line, metric, set)
    if (!metric.perToken) set.contrasts.forEach { contained(line, metric, it) }
}

/** Reports prompts that exceed the model's context with their longest answer. */
private fun Binding.fit(
    line: Int?,
    metric: MetricSpec.Likelihood,
    set: ContrastSetSpec,
) {
    val corrupted = set.contrasts.all { it.corrupted != null }
    val long =
        set.contrasts.mapNotNull { contrast ->
            val prompts = listOfNotNull(contrast.clean, contrast.corrupted.takeIf { corrupted })
            val tokens = metric.continuations(contrast).maxOfOrNull { it.size } ?: 0
            val length = prompts.maxOf { it.length }
            Triple(contrast, length, tokens).takeIf { length + tokens > facts.shape.context }
        }
    val (contrast, length, tokens) = long.maxByOrNull { it.second + it.third } ?: return
    val context = facts.shape.context
    mistakes += LikelihoodMistake.TooLong(line, metric.text, contrast.label, length, tokens, context, long.size - 1)
}

/** Reports an answer, or foil, that begins with another one, so that its probability is part of the other's. */
private fun Binding.contained(
    line: Int?,
    metric: MetricSpec.Likelihood,
    contrast: ContrastSpec,
) {
    for (side in listOf(contrast.answers, contrast.foils.filter { metric.ofFoils })) {
        for (shorter in side) {
            val longer = side.find { it.ids.size > shorter.ids.size && it.ids.take(shorter.ids.size) == shorter.ids }
            if (longer == null || longer.rest.isEmpty()) continue
            mistakes += LikelihoodMistake.Contained(line, metric.text, contrast.label, shorter.text, longer.text)
        }
    }
}

/** Reports edits of [cell] that have no value at the positions of answers. */
internal fun Binding.likelihoodEdits(
    metric: MetricSpec,
    cell: Intervention,
) {
    for (edit in cell.edits) {
        val line = edit.script?.line
        likelihoodValue(line, metric, edit.value, edit.place, edit.site.kind.attention())
        val value = edit.value
        if (value is Value.Function && value.source === value.function && edit.place.isEverywhere) {
            mistakes += LikelihoodMistake.HookWithPlace(line, metric.text, edit.site.hook)
        }
        ((value as? Value.From)?.run as? EditedRun)?.let { likelihoodEdits(metric, it.changes) }
    }
}

/**
 * Reports a [value] at [place] without values at the positions of answers, if [metric] runs those.
 *
 * @param attention whether it is one of scores or patterns, whose keys include these positions
 */
internal fun Binding.likelihoodValue(
    line: Int?,
    metric: MetricSpec,
    value: Value,
    place: Place? = null,
    attention: Boolean = false,
) {
    if (metric.plain !is MetricSpec.Likelihood || !(attention || place.isEverywhere)) return
    val word =
        when (value) {
            is Value.PositionMean -> "positionMean"
            is Value.Resample -> "resample"
            is Value.From, Value.Own, Value.Zero, is Value.Mean, is Value.Function -> return
            is Value.Given, is Value.ProjectedOut, is Value.Feature -> return
        }
    mistakes += LikelihoodMistake.OfPromptOnly(line, metric.plain.text, word)
}

private val Place?.isEverywhere: Boolean get() = this == null || this == everyPosition

/** Reports answers whose log-likelihoods [by] cannot estimate together. */
internal fun Binding.likelihoodEstimate(
    line: Int?,
    metric: MetricSpec.Likelihood,
    by: EstimateSpec,
    set: ContrastSetSpec,
) {
    if (by.unsigned && metric.ofFoils) {
        mistakes += EstimateMistake.NoSign(line, "${metric.text} subtracts the foil's", "logLikelihood")
    }
    if (metric.perToken && !by.unsigned) return
    val several = set.contrasts.find { it.answers.size > 1 || (metric.ofFoils && it.foils.size > 1) } ?: return
    mistakes += LikelihoodMistake.SeveralEstimated(line, metric.text, several.label)
}
