package dev.kausal.run.context

import ai.djl.ndarray.NDArray
import dev.kausal.engine.edits.Misfit
import dev.kausal.engine.errors.KausalException
import dev.kausal.spec.ScriptFailure

/**
 * A function of the script that failed during a run, or returned an unusable value. The message names the function, the
 * line and the cell.
 *
 * @property line line of the script; null if it is unknown
 */
public class ScriptCodeException internal constructor(
    public val line: Int?,
    message: String,
    cause: Throwable? = null,
) : KausalException(Blame.USER, message, cause) {
    private companion object {
        const val serialVersionUID: Long = 1L
    }
}

/**
 * Calls the script's functions and reports which one failed, and where.
 *
 * @property function name for messages, such as `the hook`
 * @property place where the script declares it, as `file:line`
 * @property where returns the analysis, cell and example of a call
 */
internal class ScriptCode(
    private val function: String,
    private val place: String?,
    private val where: () -> String,
) {
    /** Returns the value of [block]; throws [ScriptCodeException] if it fails. */
    fun <T> call(block: () -> T): T =
        try {
            block()
        } catch (
            @Suppress("TooGenericExceptionCaught") e: Throwable,
        ) {
            if (KausalException.reportsItself(e)) throw e
            val failure = ScriptFailure.of(e, place)
            throw exception(failure.line, "failed", failure.text, e)
        }

    /** Returns [change] applied to [x], checked to have the same shape and data type. */
    fun edited(
        x: NDArray,
        change: (NDArray) -> NDArray,
    ): NDArray {
        val shape = x.shape
        val type = x.dataType
        val result = call { change(x) }
        Misfit.of(result, shape, type).ifPresent {
            throw exception(ScriptFailure.line(place), "returned an array that does not fit", it)
        }
        return result
    }

    private fun exception(
        line: Int?,
        happened: String,
        detail: String,
        cause: Throwable? = null,
    ): ScriptCodeException {
        val declared = place?.takeIf { ScriptFailure.line(it) != line }?.let { " of $it" }.orEmpty()
        return ScriptCodeException(line, "$function$declared $happened ${where()}: $detail", cause)
    }
}
