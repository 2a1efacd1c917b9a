package dev.kausal.compile

import dev.kausal.engine.plan.Rows
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.PromptSpec

/** The positions that [PlaceSpec] names in [prompt]; binding has made sure that it has them. */
internal fun PlaceSpec.rows(prompt: PromptSpec): Rows =
    when (this) {
        PlaceSpec.All -> Rows.ALL
        PlaceSpec.Last -> Rows.at(prompt.tokens.lastIndex)
        is PlaceSpec.Position -> Rows.at(position)
        is PlaceSpec.Patch -> patchRow(prompt, this)
        is PlaceSpec.Span -> spanRows(prompt, span)
    }

private fun patchRow(
    prompt: PromptSpec,
    patch: PlaceSpec.Patch,
): Rows {
    val image = checkNotNull(prompt.image) { "'${prompt.text}' is no image" }
    return Rows.at(prompt.spans.getValue("patches").first + patch.row * image.gridColumns + patch.column)
}

private fun spanRows(
    prompt: PromptSpec,
    span: String,
): Rows {
    if (span == "last") {
        return Rows.at(prompt.tokens.lastIndex)
    }
    prompt.spans[span]?.let { return Rows(it.first, it.last) }
    val subject = checkNotNull(prompt.subject) { "'${prompt.text}' has no marked subject" }
    return when (span) {
        "subject" -> Rows(subject.first, subject.last)
        "subject-first" -> Rows.at(subject.first)
        "subject-last" -> Rows.at(subject.last)
        "after-subject" -> Rows.at(subject.last + 1)
        else -> error("unknown span '$span'")
    }
}
