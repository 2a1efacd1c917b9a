package dev.kausal.experiments.script

import java.nio.charset.MalformedInputException
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.name

/**
 * The source of a script.
 *
 * @property name file name, such as `fact-recall.kausal.kts`
 * @property folder folder of the script's own files, such as `facts.json`
 * @property file null for a script without a file
 */
internal data class ScriptSource(
    val name: String,
    val folder: Path,
    val text: String,
    val file: Path? = null,
) {
    /** Name in messages. */
    val shown: String get() = file?.toString() ?: name

    /** Returns line [number], counted from 1; null if there is none. */
    fun line(number: Int): String? = text.lineSequence().elementAtOrNull(number - 1)

    companion object {
        /** Suffix of a script's file name. */
        const val SUFFIX: String = ".kausal.kts"

        /** Reads [file], which must exist. */
        fun read(file: Path): ScriptSource {
            if (!file.name.endsWith(SUFFIX)) throw ScriptNameException(file)
            if (!Files.isReadable(file)) throw UnreadableScriptException(file, "no permission to read it")
            val text =
                try {
                    Files.readString(file)
                } catch (_: MalformedInputException) {
                    throw UnreadableScriptException(file, "it is not UTF-8 text")
                }
            return ScriptSource(file.name, file.toAbsolutePath().parent, text.replace("\r\n", "\n"), file)
        }
    }
}
