package dev.kausal.dsl

import java.nio.file.Path

/** A contrast as written, before a tokenizer has seen it. [source] names the file and entry that it came from. */
internal data class WrittenContrast(
    val clean: String,
    val answer: String,
    val corrupted: String?,
    val foil: String?,
    val label: String?,
    val line: Int?,
    val source: String? = null,
)

/** A part of a contrast set: one contrast, or a file of them. */
internal sealed interface ContrastItem {
    data class Written(
        val contrast: WrittenContrast,
    ) : ContrastItem

    data class File(
        val path: Path,
        val line: Int?,
    ) : ContrastItem
}

/** Prompts with their answers for a model of kind [M]: what analyses run on. */
public class Contrasts<out M : Capability> internal constructor(
    internal val name: String,
    internal val kind: Class<*>,
    internal val items: List<ContrastItem>,
    internal val line: Int?,
)

/** Declares the contrasts of a set. */
@KausalDsl
public class ContrastsScope internal constructor() {
    internal val items = mutableListOf<ContrastItem>()

    /**
     * A clean prompt with what it is compared with.
     *
     * Brackets around the subject (`The [Eiffel Tower] is in`) mark its span and are no part of the prompt; `\[` and
     * `\]` are plain brackets.
     *
     * @param answer what the clean prompt should continue with: one token, leading blank included
     * @param corrupted a prompt that differs in the subject
     * @param foil what the corrupted prompt should continue with: one token
     * @param label names the contrast in results; the clean prompt's subject, or its text, if null
     */
    public fun contrast(
        clean: String,
        answer: String,
        corrupted: String? = null,
        foil: String? = null,
        label: String? = null,
    ) {
        val written = WrittenContrast(clean, answer, corrupted, foil, label, ScriptLines.line())
        items += ContrastItem.Written(written)
    }

    /** The contrasts of a JSON file, a list of objects with [contrast]'s parameters; [path] is relative to the script. */
    public fun fromJson(path: String) {
        items += ContrastItem.File(ScriptContext.current.folder.resolve(path), ScriptLines.line())
    }
}
