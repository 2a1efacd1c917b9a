package dev.kausal.experiments.script

import java.nio.charset.MalformedInputException
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.name

/**
 * A script before it runs.
 *
 * @property name file name, such as `fact-recall.kausal.kts`
 * @property folder where the script's own files are, such as `facts.json`
 * @property file null for a script that has no file
 */
internal data class ScriptSource(
    val name: String,
    val folder: Path,
    val text: String,
    val file: Path? = null,
) {
    /** How messages name it. */
    val shown: String get() = file?.toString() ?: name

    /** Line [number], counted from 1; null if there is none. */
    fun line(number: Int): String? = text.lineSequence().elementAtOrNull(number - 1)

    companion object {
        /** What a script's file name ends with. */
        const val SUFFIX: String = ".kausal.kts"

        /** Reads [file]; the caller has checked that it is there. */
        fun read(file: Path): ScriptSource {
            if (!file.name.endsWith(SUFFIX)) throw ScriptNameException(file)
            if (!Files.isReadable(file)) throw UnreadableScriptException(file, "no permission to read it")
            val text =
                try {
                    Files.readString(file)
                } catch (_: MalformedInputException) {
                    throw UnreadableScriptException(file, "its text is not UTF-8")
                }
            return ScriptSource(file.name, file.toAbsolutePath().parent, text.replace("\r\n", "\n"), file)
        }
    }
}
