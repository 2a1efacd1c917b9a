package dev.kausal.spec

/** Suffix of a script's file name. */
public const val SCRIPT_EXTENSION: String = ".kausal.kts"

/**
 * A failure inside a function of the script.
 *
 * @property text the exception and its message
 * @property line the script's line that failed; the function's own line if no line of the script is on the stack
 */
public class ScriptFailure private constructor(
    public val text: String,
    public val line: Int?,
) {
    public companion object {
        private const val LONGEST = 300

        /** Describes [error], thrown by the function declared at [place], `file:line`. */
        public fun of(
            error: Throwable,
            place: String?,
        ): ScriptFailure {
            val file = place?.substringBeforeLast(':')
            val frame = error.stackTrace.firstOrNull {
                it.lineNumber > 0 &&
                    it.fileName?.let { name -> isScript(name, file) } == true
            }
            val detail = error.message?.lineSequence()?.first()?.take(LONGEST)?.trimEnd('.')
            val text = listOfNotNull(error.javaClass.simpleName, detail).joinToString(": ") + hint(detail)
            return ScriptFailure(text, frame?.lineNumber ?: line(place))
        }

        private fun hint(detail: String?): String {
            if (detail == null || "released" !in detail) return ""
            return " (arrays are closed after the layer: to keep values between calls, copy them with toFloatArray())"
        }

        /** Returns the line of [place]. */
        public fun line(place: String?): Int? = place?.substringAfterLast(':')?.toIntOrNull()

        private fun isScript(
            name: String,
            file: String?,
        ) = name == file || name.endsWith(SCRIPT_EXTENSION)
    }
}
