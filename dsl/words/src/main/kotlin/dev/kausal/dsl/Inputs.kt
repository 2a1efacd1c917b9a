package dev.kausal.dsl

import dev.kausal.spec.Grouping
import java.nio.file.Path

/** An input as written, before a tokenizer or a decoder has seen it. */
internal sealed interface Written {
    data class Text(
        val text: String,
    ) : Written

    data class Pair(
        val first: String,
        val second: String,
    ) : Written

    /** [shown] is the file as the script names it. */
    data class Picture(
        val path: Path,
        val shown: String,
    ) : Written
}

/** An example as written, before a model is known. [source] names the file and entry that it came from. */
internal data class WrittenContrast(
    val clean: Written,
    val answer: String?,
    val corrupted: Written?,
    val foil: String?,
    val label: String?,
    val line: Int?,
    val source: String? = null,
    val groups: Map<Grouping, String> = emptyMap(),
    val candidates: List<String> = emptyList(),
)

/** A part of a set of inputs: one example, a file of them, or a folder of images. */
internal sealed interface InputItem {
    data class One(
        val contrast: WrittenContrast,
    ) : InputItem

    class File(
        val path: Path,
        val line: Int?,
        val written: (String) -> Written,
        val asking: Asking? = null,
    ) : InputItem

    /** A way of asking the questions of a file: it writes their corrupted prompts. */
    class Asking(
        val template: String,
        val corrupted: WrittenQuestion.() -> String,
    )

    /** A file of prompts without answers. */
    class Prompts(
        val path: Path,
        val line: Int?,
    ) : InputItem

    /** @property classes whether its folders are classes, each with that class's images */
    data class Folder(
        val path: Path,
        val shown: String,
        val label: String?,
        val classes: Boolean,
        val line: Int?,
    ) : InputItem
}

/** What a model of kind [M] is given: prompts or images, with the right answers where they are named. */
public open class Inputs<out M : Capability> internal constructor(
    internal val name: String,
    internal val kind: Class<*>,
    internal val items: List<InputItem>,
    internal val line: Int?,
    internal val filter: Filter? = null,
    internal val parent: Inputs<*>? = null,
)

/** Inputs with their answers for a model of kind [M], clean and corrupted. */
public class Contrasts<out M : Capability> internal constructor(
    name: String,
    kind: Class<*>,
    items: List<InputItem>,
    line: Int?,
    filter: Filter? = null,
    internal val sample: Int? = null,
    parent: Contrasts<*>? = null,
) : Inputs<M>(name, kind, items, line, filter, parent)

/** Names the sets of a script and records them. */
internal class InputSets(
    private val recorder: Recorder,
) {
    fun <M : Capability> contrasts(
        kind: Class<*>,
        items: List<InputItem>,
    ): Contrasts<M> = recorded(Contrasts(next("contrasts"), kind, items.toList(), ScriptLines.line()))

    /** What is left of [parent] by [filter], or of a draw of [sample] from it. */
    fun <M : Capability> derived(
        parent: Contrasts<M>,
        filter: Filter?,
        sample: Int?,
    ): Contrasts<M> {
        val name = next("contrasts")
        return recorded(Contrasts(name, parent.kind, parent.items, ScriptLines.line(), filter, sample, parent))
    }

    /** What is left of [parent] by [filter]. */
    fun <M : Capability> derived(
        parent: Inputs<M>,
        filter: Filter,
    ): Inputs<M> {
        val name = next(parent.name.substringBefore('-'))
        return recorded(Inputs(name, parent.kind, parent.items, ScriptLines.line(), filter, parent))
    }

    fun <M : Capability> prompts(
        kind: Class<*>,
        items: List<InputItem>,
    ): Inputs<M> = recorded(Inputs(next("prompts"), kind, items.toList(), ScriptLines.line()))

    fun <M : Capability> images(
        kind: Class<*>,
        items: List<InputItem>,
    ): Inputs<M> = recorded(Inputs(next("images"), kind, items.toList(), ScriptLines.line()))

    private fun next(word: String): String {
        val before = recorder.inputs.count { it.name == word || it.name.startsWith("$word-") }
        return if (before == 0) word else "$word-${before + 1}"
    }

    private fun <I : Inputs<*>> recorded(inputs: I): I = recorder.noted(inputs).also { recorder.inputs += it }
}

/** An image file; made by [image]. */
public class Picture internal constructor(
    internal val path: String,
)

/** The PNG, JPEG, GIF, WebP, BMP or TIFF file [path], relative to the script. */
public fun image(path: String): Picture = Picture(path)

/** Two sentences that a model reads together; made by [pair]. */
public class SentencePair internal constructor(
    internal val first: String,
    internal val second: String,
)

/** Two sentences, one after another, with the model's separators and token types. */
public fun pair(
    first: String,
    second: String,
): SentencePair = SentencePair(first, second)

internal fun SentencePair.written(): Written = Written.Pair(first, second)

internal fun Picture.written(): Written = picture(path)

private fun picture(path: String): Written.Picture = Written.Picture(ScriptContext.current.folder.resolve(path), path)

/** Declares prompts. */
@KausalDsl
public open class PromptsScope internal constructor() {
    internal val items = mutableListOf<InputItem>()

    /**
     * A prompt; brackets mark its subject.
     *
     * @param label names the prompt in results; its subject, or its text, if null
     */
    public fun prompt(
        text: String,
        label: String? = null,
    ): Unit = add(Written.Text(text), label)

    /** The prompts of a JSON file, a list of texts; [path] is relative to the script. */
    public fun fromJson(path: String) {
        items += InputItem.Prompts(ScriptContext.current.folder.resolve(path), ScriptLines.line())
    }

    internal fun add(
        written: Written,
        label: String?,
    ) {
        items += InputItem.One(WrittenContrast(written, null, null, null, label, ScriptLines.line()))
    }
}

/** Declares prompts and pairs of sentences of a model that sees all positions; `[MASK]` is its mask. */
@KausalDsl
public class EncoderPromptsScope internal constructor() : PromptsScope() {
    /** Two sentences, one after another. */
    public fun pair(
        first: String,
        second: String,
        label: String? = null,
    ): Unit = add(Written.Pair(first, second), label)
}

/** Declares images. */
@KausalDsl
public class ImagesScope internal constructor() {
    internal val items = mutableListOf<InputItem>()

    /**
     * The PNG, JPEG, GIF, WebP, BMP or TIFF file [path], relative to the script.
     *
     * @param label its true class, by the model's name for it
     */
    public fun image(
        path: String,
        label: String? = null,
    ) {
        val written = picture(path)
        items += InputItem.One(WrittenContrast(written, label, null, null, null, ScriptLines.line()))
    }

    /** The PNG, JPEG, GIF, WebP, BMP and TIFF files of a folder, by name, all of class [label] where one is given. */
    public fun folder(
        path: String,
        label: String? = null,
    ): Unit = add(path, label, classes = false)

    /** The PNG, JPEG, GIF, WebP, BMP and TIFF files of a folder's folders, each of which has the name of its images' true class. */
    public fun classFolders(path: String): Unit = add(path, null, classes = true)

    private fun add(
        path: String,
        label: String?,
        classes: Boolean,
    ) {
        val folder = ScriptContext.current.folder.resolve(path)
        items += InputItem.Folder(folder, path, label, classes, ScriptLines.line())
    }
}

/** Declares contrasts between images. */
@KausalDsl
public class ImageContrastsScope internal constructor() {
    internal val items = mutableListOf<InputItem>()

    /**
     * A clean image with what it is compared with.
     *
     * @param answer the clean image's class, by the model's name for it
     * @param corrupted another image
     * @param foil the corrupted image's class
     * @param label names the contrast in results; the clean image's file if null
     */
    public fun contrast(
        clean: Picture,
        answer: String,
        corrupted: Picture? = null,
        foil: String? = null,
        label: String? = null,
    ) {
        val written =
            WrittenContrast(clean.written(), answer, corrupted?.written(), foil, label, ScriptLines.line())
        items += InputItem.One(written)
    }

    /** The contrasts of a JSON file, a list of objects with [contrast]'s parameters; images are files beside the script. */
    public fun fromJson(path: String) {
        items += InputItem.File(ScriptContext.current.folder.resolve(path), ScriptLines.line(), ::picture)
    }
}
