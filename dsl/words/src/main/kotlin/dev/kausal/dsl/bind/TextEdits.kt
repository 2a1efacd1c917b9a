package dev.kausal.dsl.bind

import dev.kausal.dsl.Intervention
import dev.kausal.dsl.Span
import dev.kausal.dsl.declare.Edit
import dev.kausal.dsl.declare.Value
import dev.kausal.dsl.mistakes.TextMistake
import dev.kausal.spec.During

/** Checks that [interventions] can be made while text is written. */
internal fun Binding.textEdits(
    interventions: List<Intervention>,
    during: During,
): Unit = interventions.flatMap { it.edits }.forEach { textEdit(it, during) }

private fun Binding.textEdit(
    edit: Edit,
    during: During,
) {
    val line = edit.script?.line
    val place = edit.place
    if (edit.site.kind.attention()) mistakes += TextMistake.AtAttention(line, edit.site.hook)
    if ((place as? Span)?.eachOf == true) {
        bad(line, "the place of an edit of texts", "$place, token by token", "one span of tokens, such as subject")
    }
    if (place != null || during == During.Prompt) return
    val value = edit.value
    if (value is Value.Function && value.source === value.function) {
        mistakes += TextMistake.HookWithPlace(line, edit.site.hook)
    }
    ofPrompt(value)?.let { mistakes += TextMistake.OfPromptOnly(line, it) }
}

/** Returns the word of a replacement that has a value for each position of a prompt; null for others. */
private fun ofPrompt(value: Value): String? =
    when (value) {
        is Value.From -> "a patch"
        Value.Own -> "freeze"
        is Value.PositionMean -> "positionMean"
        is Value.Resample -> "resample"
        Value.Zero, is Value.Mean, is Value.Function -> null
        is Value.Given, is Value.ProjectedOut, is Value.Feature -> null
    }
