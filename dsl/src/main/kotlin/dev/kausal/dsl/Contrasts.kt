package dev.kausal.dsl

import dev.kausal.spec.FilterSpec
import dev.kausal.spec.Grouping

/** A rule by which a set's contrasts are kept or dropped, from what the model says before any intervention. */
public class Filter internal constructor(
    internal val spec: FilterSpec,
)

/**
 * Keeps contrasts whose clean prompt has the answer among the [rank] likeliest next tokens and, with [corruptedToo], whose
 * corrupted prompt has the foil there.
 */
public fun knows(
    rank: Int = 1,
    corruptedToo: Boolean = true,
): Filter {
    if (rank < 1) throw ScriptMistakes(listOf(Mistake.BadValue(ScriptLines.line(), "rank", "$rank", "1 or more")))
    return Filter(FilterSpec.Knows(rank, corruptedToo))
}

/** Keeps contrasts whose clean prompt gives the answer a logit that is more than [margin] above the foil's. */
public fun prefersAnswer(margin: Double = 0.0): Filter = Filter(FilterSpec.Prefers(margin))

/**
 * Keeps inputs that the model is wrong about: its largest output is not the answer, or the image's label.
 *
 * @param atMost so many of them only, those that the model is surest of
 */
public fun mistaken(atMost: Int? = null): Filter {
    if (atMost != null && atMost < 1) {
        throw ScriptMistakes(listOf(Mistake.BadValue(ScriptLines.line(), "atMost", "$atMost", "1 or more")))
    }
    return Filter(FilterSpec.Mistaken(atMost))
}

/** Declares the contrasts of a set. */
@KausalDsl
public open class ContrastsScope internal constructor() {
    internal val items = mutableListOf<InputItem>()

    /**
     * A clean prompt with what it is compared with.
     *
     * Brackets around the subject (`The [Eiffel Tower] is in`) mark its span and are no part of the prompt; `\[` and
     * `\]` are plain brackets. In prompts of a masked language model, `[MASK]` is the mask, and each has one.
     *
     * @param answer what the clean prompt should continue with (or have for its mask): one token, leading blank
     *   included; of a classifier, a class
     * @param corrupted a prompt that differs in the subject
     * @param foil the same for the corrupted prompt
     * @param label names the contrast in results; the clean prompt's subject, or its text, if null
     * @param template names the phrasing, and [relation] the kind of fact, that it shares with others
     */
    public fun contrast(
        clean: String,
        answer: String,
        corrupted: String? = null,
        foil: String? = null,
        label: String? = null,
        template: String? = null,
        relation: String? = null,
    ) {
        val groups =
            listOf(Grouping.Template to template, Grouping.Relation to relation)
                .mapNotNull { (by, group) -> group?.let { by to it } }
                .toMap()
        add(Written.Text(clean), answer, corrupted?.let { Written.Text(it) }, foil, label, groups)
    }

    /** The contrasts of a JSON file, a list of objects with [contrast]'s parameters; [path] is relative to the script. */
    public fun fromJson(path: String) {
        val file = ScriptContext.current.folder.resolve(path)
        items += InputItem.File(file, ScriptLines.line()) { Written.Text(it) }
    }

    internal fun add(
        clean: Written,
        answer: String,
        corrupted: Written?,
        foil: String?,
        label: String?,
        groups: Map<Grouping, String> = emptyMap(),
    ) {
        val line = ScriptLines.line()
        items += InputItem.One(WrittenContrast(clean, answer, corrupted, foil, label, line, groups = groups))
    }

    /** The same from a `.csv` file: a row of field names, then a row per contrast; an empty value is none. */
    public fun fromCsv(path: String): Unit = fromJson(path)
}

/** Declares the contrasts of a model that sees all positions. */
@KausalDsl
public class EncoderContrastsScope internal constructor() : ContrastsScope() {
    /** A clean [pair] of sentences with what it is compared with. */
    public fun contrast(
        clean: SentencePair,
        answer: String,
        corrupted: SentencePair? = null,
        foil: String? = null,
        label: String? = null,
    ): Unit = add(clean.written(), answer, corrupted?.written(), foil, label)
}
