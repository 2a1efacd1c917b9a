package dev.kausal.reports.words

import dev.kausal.spec.ChoiceSpec

/** Describes a label of an axis in running text: `layer 5`, `position 3 (Tower)`, `the subject's last token`. */
internal fun labelWords(
    axis: String,
    index: Int,
    label: String,
): String {
    val shown = shownLabel(axis, label)
    return when {
        axis == "span" && label in SPANS -> spanWords(label)
        shown == "$index" || axis !in NUMBERED -> "$axis $shown".trim()
        else -> "$axis $index ($shown)"
    }
}

/**
 * Returns [label] on [axis] for display: a token without its blanks, the head of a rank as `2 (L3H5)`, anything else
 * with typographic signs.
 */
internal fun shownLabel(
    axis: String,
    label: String,
): String =
    when (axis) {
        in NUMBERED -> shownToken(label)
        ChoiceSpec.RANK -> label.replace(RANKED_HEAD, "(L$1H$2)").replace(RANKED_LAYER, "(layer $1)")
        else -> typographic(shownToken(label))
    }

/** Describes a span in running text: `the subject's last token`. */
internal fun spanWords(span: String): String = SPANS[span] ?: "the $span"

/** Axes whose labels are tokens, which may repeat. */
private val NUMBERED = setOf("position", "query", "key")

/** The head, or the layer, after its rank: `2 (3.5)`, `2 (3)`. */
private val RANKED_HEAD = Regex("""\((\d+)\.(\d+)\)$""")
private val RANKED_LAYER = Regex("""\((\d+)\)$""")

private val SPANS =
    mapOf(
        "subject" to "the subject",
        "subject-first" to "the subject's first token",
        "subject-middle" to "the subject's middle tokens",
        "subject-last" to "the subject's last token",
        "after-subject" to "the token after the subject",
        "further" to "the further tokens",
        "last" to "the last position",
        "mask" to "the mask",
        "first-copy" to "the first copy of the tokens",
        "last-copy" to "the last copy of the tokens",
        "first-sentence" to "the first sentence",
        "second-sentence" to "the second sentence",
        "cls" to "[CLS]",
        "separators" to "the separators",
        "patches" to "all patches",
        "registers" to "the registers",
        "distillation" to "the distillation token",
        "repeat-start" to "the first token of the last copy",
    )
