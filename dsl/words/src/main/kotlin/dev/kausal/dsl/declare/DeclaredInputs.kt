package dev.kausal.dsl.declare

import dev.kausal.dsl.Chat
import dev.kausal.dsl.EvalItem
import dev.kausal.dsl.Picture
import dev.kausal.dsl.SycophancyItem
import dev.kausal.dsl.WrittenQuestion
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.Grouping
import java.nio.file.Path

/** An input as written in the script, before tokenising or decoding. */
internal sealed interface InputSource {
    data class Text(
        val text: String,
    ) : InputSource

    data class Pair(
        val first: String,
        val second: String,
    ) : InputSource

    /** Token ids; [subject] is the range of the subject's positions. */
    data class Ids(
        val ids: List<Int>,
        val subject: IntRange?,
    ) : InputSource

    data class Dialogue(
        val chat: Chat,
    ) : InputSource

    /** An image; [shown] is the file as the script names it. */
    data class Picture(
        val path: Path,
        val shown: String,
    ) : InputSource
}

/**
 * An example as written, before a model is known. [answers] is null if it needs none. [source] names its file and entry.
 * [made] is the example itself if it was not written but generated.
 */
internal data class DeclaredContrast(
    val clean: InputSource,
    val answers: List<String>?,
    val corrupted: InputSource?,
    val foils: List<String>,
    val label: String?,
    val line: Int?,
    val source: String? = null,
    val groups: Map<Grouping, String> = emptyMap(),
    val candidates: List<String> = emptyList(),
    val made: ContrastSpec? = null,
) {
    val origin: Origin get() = Origin(line, source)
}

/** Origin of an example: a line of the script, and a file and entry. */
internal data class Origin(
    val line: Int?,
    val source: String? = null,
)

/** A part of a set of inputs: one example, a file of examples, or a folder of images. */
internal sealed interface InputItem {
    data class One(
        val contrast: DeclaredContrast,
    ) : InputItem

    class File(
        val path: Path,
        val line: Int?,
        val written: (String) -> InputSource,
        val asking: Asking? = null,
    ) : InputItem

    /**
     * A phrasing of a file's questions, which writes their corrupted prompts.
     *
     * @property clean writes their clean prompts; null for the file's
     * @property answer their answer; null for the file's, as [foil]
     */
    class Asking(
        val template: String,
        val clean: (WrittenQuestion.() -> String)? = null,
        val answer: String? = null,
        val foil: String? = null,
        val corrupted: WrittenQuestion.() -> String,
    )

    /** A published evaluation file, from whose entries [writer] writes contrasts. */
    class Evals(
        val path: Path,
        val line: Int?,
        val writer: EvalWriter,
    ) : InputItem

    /** How the entries of an evaluation file become prompts. */
    sealed interface EvalWriter {
        class OfQuestions(
            val template: String?,
            val clean: (EvalItem) -> InputSource,
        ) : EvalWriter

        /** @property before what stands before each answer */
        class OfDialogues(
            val before: String,
            val clean: (SycophancyItem) -> InputSource,
            val corrupted: (SycophancyItem) -> InputSource,
        ) : EvalWriter
    }

    /** Prompts of random tokens. [asks] if they are contrasts, with an answer. */
    class Random(
        val length: Int,
        val repeats: Int,
        val count: Int,
        val seed: Long?,
        val prefix: String,
        val asks: Boolean,
        val line: Int?,
    ) : InputItem

    /** A file of prompts without answers. */
    class Prompts(
        val path: Path,
        val line: Int?,
    ) : InputItem

    /** @property classes whether its subfolders are classes with their images */
    data class Folder(
        val path: Path,
        val shown: String,
        val label: String?,
        val classes: Boolean,
        val line: Int?,
    ) : InputItem
}
