package dev.kausal.dsl

import dev.kausal.dsl.host.ScriptLines
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.dsl.mistakes.ScriptMistakes
import dev.kausal.spec.PlaceSpec
import kotlin.math.roundToInt

/** A layer of the model that the experiment is bound to. */
public class Layer internal constructor(
    /** Index, counted from 0. */
    public val index: Int,
    private val count: Int,
) {
    /** The layers after this one; none after the last. */
    public val later: IntRange get() = index + 1..<count

    /** This layer and those after it. */
    public val onward: IntRange get() = index..<count

    /**
     * Returns [size] layers around this one, fewer at the model's ends; if the size is even, the extra one is below.
     */
    public fun window(size: Int): IntRange {
        if (size !in 1..count) bad("window", "$size layers", "1 to $count, the model's number of layers")
        val first = index - size / 2
        return maxOf(first, 0)..minOf(first + size - 1, count - 1)
    }

    /**
     * Returns a window whose size fits the model: the whole number nearest to [share] of its layers, at least 1. The
     * default is a fifth, about as much as in Meng et al. 2022 (10 of 48).
     */
    public fun window(share: Double = 0.2): IntRange {
        if (!(share > 0 && share <= 1)) bad("window's share", "$share", "above 0, and 1 at most")
        return window(maxOf(1, (share * count).roundToInt()))
    }

    private fun bad(
        name: String,
        found: String,
        expected: String,
    ): Nothing = throw ScriptMistakes(listOf(Mistake.BadValue(ScriptLines.line(), name, found, expected)))

    override fun toString(): String = index.toString()
}

/** Attention head [index] of layer [layer], both counted from 0. */
public data class Head(
    val layer: Int,
    val index: Int,
) {
    override fun toString(): String = "$layer.$index"
}

/** The positions of an intervention. */
public sealed interface Place

/** Token [index] of a prompt, counted from 0. */
public data class Position(
    val index: Int,
) : Place {
    override fun toString(): String = index.toString()
}

/** The patch in row [row] and column [column] of an image, counted from the upper left corner. */
public data class Patch(
    val row: Int,
    val column: Int,
) : Place {
    override fun toString(): String = "patch $row,$column"
}

/** Positions that every input names alike, wherever they are in it. */
public class Span internal constructor(
    internal val name: String,
    internal val spec: PlaceSpec = PlaceSpec.Span(name),
) : Place {
    /** Whether the span may have any number of tokens, including none. */
    internal val eachOf: Boolean get() = spec is PlaceSpec.EachOf

    override fun toString(): String = name
}

/** The tokens between a prompt's brackets. */
public val subject: Span = Span("subject")

/** The last token of a prompt. */
public val last: Span = Span("last", PlaceSpec.Last)

/** All tokens of a prompt: a place for [metric]. Interventions without a place apply to all tokens anyway. */
public val everyPosition: Span = Span("every position", PlaceSpec.All)

/** The masked token of a prompt. */
public val mask: Span = Span("mask")

/** The position that represents the whole input: `[CLS]`, or `<s>`. */
public val cls: Span = Span("cls")

/** The first of two sentences. */
public val firstSentence: Span = Span("first-sentence")

/** The second of two sentences. */
public val secondSentence: Span = Span("second-sentence")

/** Separators and ends of sentences, such as `[SEP]`: several positions, whereas a place is one range. */
internal val separators: Span = Span("separators")

/** All patches of an image. */
public val patches: Span = Span("patches")

/** Positions of an image without a meaning of their own (registers). */
public val registers: Span = Span("registers")

/** The position trained on another model's answer (distillation). */
public val distillation: Span = Span("distillation")

/** Returns the patch in row [row] and column [column] of an image, counted from the upper left corner. */
public fun patchAt(
    row: Int,
    column: Int,
): Patch = Patch(row, column)

/** The subject's first token. */
public val subjectFirst: Span = Span("subject-first")

/** The tokens between the subject's first and last, one at a time; subjects of one or two tokens have none. */
public val subjectMiddle: Span = Span("subject-middle", PlaceSpec.EachOf("subject-middle"))

/** The subject's last token. */
public val subjectLast: Span = Span("subject-last")

/** The token after the subject. */
public val afterSubject: Span = Span("after-subject")

/** The tokens between the one after the subject and the prompt's last one, one at a time. */
public val further: Span = Span("further", PlaceSpec.EachOf("further"))

internal fun Place?.toSpec(): PlaceSpec =
    when (this) {
        null -> PlaceSpec.All
        is Position -> PlaceSpec.Position(index)
        is Patch -> PlaceSpec.Patch(row, column)
        is Span -> spec
    }
