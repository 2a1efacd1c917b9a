package dev.kausal.dsl

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
     */
    public fun contrast(
        clean: String,
        answer: String,
        corrupted: String? = null,
        foil: String? = null,
        label: String? = null,
    ): Unit = add(Written.Text(clean), answer, corrupted?.let { Written.Text(it) }, foil, label)

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
    ) {
        items += InputItem.One(WrittenContrast(clean, answer, corrupted, foil, label, ScriptLines.line()))
    }
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
