package dev.kausal.run.inputs

import dev.kausal.engine.edits.PositionRange
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.PromptSpec
import kotlin.math.roundToInt

/** Token [index] of the [count] tokens of a [PlaceSpec.EachOf] in the edited prompt. */
internal data class Step(
    val index: Int,
    val count: Int,
)

/**
 * Returns the positions that [PlaceSpec] names in [prompt]; binding has checked that they exist.
 *
 * @param step which token of a [PlaceSpec.EachOf]; in a prompt with more or fewer of them, the one at the same relative
 *   place
 */
internal fun PlaceSpec.rows(
    prompt: PromptSpec,
    step: Step? = null,
): PositionRange =
    when (this) {
        PlaceSpec.All -> {
            PositionRange.ALL
        }

        PlaceSpec.Last -> {
            PositionRange.at(prompt.tokens.lastIndex)
        }

        is PlaceSpec.Position -> {
            PositionRange.at(position)
        }

        is PlaceSpec.Patch -> {
            patchRow(prompt, this)
        }

        is PlaceSpec.Span -> {
            spanOf(prompt, span).let { PositionRange(it.first, it.last) }
        }

        is PlaceSpec.EachOf -> {
            val tokens = spanOf(prompt, span)
            PositionRange.at(
                tokens.first + along(
                    checkNotNull(step) {
                        "$span is edited token by token"
                    },
                    tokens.count(),
                ),
            )
        }
    }

private fun patchRow(
    prompt: PromptSpec,
    patch: PlaceSpec.Patch,
): PositionRange {
    val image = checkNotNull(prompt.image) { "'${prompt.text}' is not an image" }
    return PositionRange.at(prompt.spans.getValue("patches").first + patch.row * image.gridColumns + patch.column)
}

private fun along(
    step: Step,
    count: Int,
): Int = if (step.count == 1) (count - 1) / 2 else (step.index * (count - 1.0) / (step.count - 1)).roundToInt()

/** Returns the positions of [span] in [prompt]; none if a span of variable length has no tokens. */
internal fun spanOf(
    prompt: PromptSpec,
    span: String,
): IntRange {
    val end = prompt.tokens.lastIndex
    if (span == "last") {
        return end..end
    }
    prompt.spans[span]?.let { return it.first..it.last }
    val subject = checkNotNull(prompt.subject) { "'${prompt.text}' has no marked subject" }
    return when (span) {
        "subject" -> subject.first..subject.last
        "subject-first" -> subject.first..subject.first
        "subject-middle" -> subject.first + 1 until subject.last
        "subject-last" -> subject.last..subject.last
        "after-subject" -> subject.last + 1..subject.last + 1
        "further" -> subject.last + 2 until end
        else -> error("unknown span '$span'")
    }
}
