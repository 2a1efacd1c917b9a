package dev.kausal.dsl

import dev.kausal.engine.errors.KausalException

/**
 * What went wrong inside a function of the script.
 *
 * @property text the exception and its message
 * @property line the script's line that failed; the function's own line if no line of the script is on the stack
 */
internal class ScriptFailure private constructor(
    val text: String,
    val line: Int?,
) {
    companion object {
        private const val LONGEST = 300

        /** Describes [error], thrown by the function declared at [place], `file:line`. */
        fun of(
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
            return " (arrays are closed after the layer: keep numbers, such as toFloatArray(), between calls)"
        }

        /** The line of [place]. */
        fun line(place: String?): Int? = place?.substringAfterLast(':')?.toIntOrNull()

        private fun isScript(
            name: String,
            file: String?,
        ) = name == file || name.endsWith(ScriptLines.EXTENSION)
    }
}

/** Returns what [block], a function of the script declared at [line], returns; null, and a mistake more, if it fails. */
internal fun <T> MutableSet<Mistake>.calling(
    line: Int?,
    function: String,
    block: () -> T,
): T? =
    try {
        block()
    } catch (e: KausalException) {
        throw e
    } catch (e: OutOfMemoryError) {
        throw e
    } catch (
        @Suppress("TooGenericExceptionCaught") e: Throwable,
    ) {
        val failure = ScriptFailure.of(e, null)
        add(Mistake.CodeFailed(failure.line ?: line, function, failure.text))
        null
    }
