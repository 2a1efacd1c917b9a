package dev.kausal.dsl

import dev.kausal.dsl.declare.DeclaredContrast
import dev.kausal.dsl.declare.InputItem
import dev.kausal.dsl.declare.InputSource
import dev.kausal.dsl.host.ScriptContext
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.Grouping

/** Inputs for a model of kind [M]: prompts or images, with the right answers if given. */
public open class Inputs<out M : Capability> internal constructor(
    internal val name: String,
    internal val kind: Class<*>,
    internal val items: List<InputItem>,
    internal val line: Int?,
    internal val filter: Filter? = null,
    internal val parent: Inputs<*>? = null,
    internal val label: String? = null,
) {
    /** Name of the set in reports. */
    internal val shown: String get() = label ?: name

    /** Kind of the set: `contrasts`, `prompts` or `images`. */
    internal val word: String get() = name.substringBefore('-')
}

/** A draw of [count] groups of examples that share what [of] names. */
internal class Sample(
    val count: Int,
    val of: Grouping,
)

/** Clean and corrupted inputs with their answers for a model of kind [M]. */
public class Contrasts<out M : Capability> internal constructor(
    name: String,
    kind: Class<*>,
    items: List<InputItem>,
    line: Int?,
    filter: Filter? = null,
    internal val sample: Sample? = null,
    parent: Contrasts<*>? = null,
    label: String? = null,
) : Inputs<M>(name, kind, items, line, filter, parent, label)

/** An image file, made by [image]. */
public class Picture internal constructor(
    internal val path: String,
)

/** Names the PNG, JPEG, GIF, WebP, BMP or TIFF file [path], relative to the script. */
public fun image(path: String): Picture = Picture(path)

/** Two sentences read together; made by [pair]. */
public class SentencePair internal constructor(
    internal val first: String,
    internal val second: String,
)

/** Joins two sentences with the model's separators and token types. */
public fun pair(
    first: String,
    second: String,
): SentencePair = SentencePair(first, second)

internal fun SentencePair.written(): InputSource = InputSource.Pair(first, second)

internal fun Picture.written(): InputSource = picture(path)

private fun picture(path: String): InputSource.Picture =
    InputSource.Picture(ScriptContext.current.file(path), path)

/** Declares prompts. */
@KausalDsl
public open class PromptsScope internal constructor() {
    internal val items = mutableListOf<InputItem>()

    /**
     * Adds a prompt; brackets mark its subject.
     *
     * @param label name of the prompt in results; its subject, or its text, if null
     */
    public fun prompt(
        text: String,
        label: String? = null,
    ): Unit = add(InputSource.Text(text), label)

    /** Adds a dialogue, made by [chat]; by default labelled with its subject, or its last turn. */
    public fun prompt(
        chat: Chat,
        label: String? = null,
    ): Unit = add(chat.written(), label)

    /** Adds a prompt given as token ids, such as `tokenIds(464, 5182)`. */
    public fun prompt(
        ids: TokenIds,
        label: String? = null,
    ): Unit = add(ids.written(), label)

    /** Adds the prompts of a JSON file, a list of texts; [path] is relative to the script. */
    public fun fromJson(path: String) {
        items += InputItem.Prompts(ScriptContext.current.file(path), ScriptLines.line())
    }

    internal fun add(
        written: InputSource,
        label: String?,
    ) {
        items += InputItem.One(DeclaredContrast(written, null, null, emptyList(), label, ScriptLines.line()))
    }
}

/** Declares prompts and pairs of sentences for a model that sees all positions; `[MASK]` is its mask. */
@KausalDsl
public class EncoderPromptsScope internal constructor() : PromptsScope() {
    /** Adds two sentences, one after another. */
    public fun pair(
        first: String,
        second: String,
        label: String? = null,
    ): Unit = add(InputSource.Pair(first, second), label)
}

/** Declares images. */
@KausalDsl
public class ImagesScope internal constructor() {
    internal val items = mutableListOf<InputItem>()

    /**
     * Adds the PNG, JPEG, GIF, WebP, BMP or TIFF file [path], relative to the script.
     *
     * @param label true class, by the model's name for it
     */
    public fun image(
        path: String,
        label: String? = null,
    ) {
        val written = picture(path)
        items +=
            InputItem.One(DeclaredContrast(written, label?.let(::listOf), null, emptyList(), null, ScriptLines.line()))
    }

    /** Adds the PNG, JPEG, GIF, WebP, BMP and TIFF files of a folder, by name, all of class [label] if given. */
    public fun folder(
        path: String,
        label: String? = null,
    ): Unit = add(path, label, classes = false)

    /**
     * Adds the PNG, JPEG, GIF, WebP, BMP and TIFF files of a folder's subfolders, each named after its images' true
     * class.
     */
    public fun classFolders(path: String): Unit = add(path, null, classes = true)

    private fun add(
        path: String,
        label: String?,
        classes: Boolean,
    ) {
        val folder = ScriptContext.current.file(path)
        items += InputItem.Folder(folder, path, label, classes, ScriptLines.line())
    }
}

/** Declares contrasts between images. */
@KausalDsl
public class ImageContrastsScope internal constructor() {
    internal val items = mutableListOf<InputItem>()

    /**
     * Adds a clean image and its counterpart.
     *
     * @param answer clean image's class, by the model's name for it
     * @param corrupted another image
     * @param foil corrupted image's class
     * @param label name of the contrast in results; the clean image's file if null
     */
    public fun contrast(
        clean: Picture,
        answer: String,
        corrupted: Picture? = null,
        foil: String? = null,
        label: String? = null,
    ): Unit = contrast(clean, listOf(answer), corrupted, listOfNotNull(foil), label)

    /** Adds a contrast with several right classes: logits are averaged over them, and probabilities summed. */
    public fun contrast(
        clean: Picture,
        answers: List<String>,
        corrupted: Picture? = null,
        foils: List<String> = emptyList(),
        label: String? = null,
    ) {
        val written =
            DeclaredContrast(
                clean = clean.written(),
                answers = answers,
                corrupted = corrupted?.written(),
                foils = foils,
                label = label,
                line = ScriptLines.line(),
            )
        items += InputItem.One(written)
    }

    /**
     * Adds the contrasts of a JSON file, a list of objects with [contrast]'s parameters; image paths are relative to
     * the script.
     */
    public fun fromJson(path: String) {
        items += InputItem.File(ScriptContext.current.file(path), ScriptLines.line(), ::picture)
    }
}
