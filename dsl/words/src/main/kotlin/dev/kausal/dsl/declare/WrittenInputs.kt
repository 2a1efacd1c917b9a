package dev.kausal.dsl.declare

import dev.kausal.dsl.Picture
import dev.kausal.dsl.WrittenQuestion
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
