package dev.kausal.dsl

import ai.djl.ndarray.NDArray
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.dsl.mistakes.ScriptMistakes

/** A token of the model's outputs, named by its text; made by [token]. */
public class Token internal constructor(
    /** Its text, leading blank included. */
    public val text: String,
    internal val line: Int?,
) {
    private var known: Int? = null

    /**
     * Its id in the model's vocabulary. Only functions that run later, such as those of `metric` and `hook`, can read
     * it: no model is known while the script is evaluated.
     */
    public val id: Int
        get() {
            val expected = "declared outside of functions, and its id read inside of metric { } or hook { }"
            return known ?: throw ScriptMistakes(listOf(Mistake.BadValue(line, "$this", "not known yet", expected)))
        }

    internal fun resolve(id: Int) {
        known = id
    }

    override fun toString(): String = "token(\"$text\")"
}

/**
 * Names the model's token [text], including a leading blank, for a custom metric:
 *
 *     val paris = token(" Paris")
 *     val ofParis = metric("logit of Paris") { logits -> logits[paris] }
 */
public fun ExperimentScope.token(text: String): Token = declared(Token(text, ScriptLines.line()))

/** Returns the logit of [token], given the logits of one position. */
public operator fun NDArray.get(token: Token): Double {
    require(getShape().dimension() == 1) { "the logits of one position have one axis, but these are ${getShape()}" }
    return getFloat(token.id.toLong()).toDouble()
}

/** Returns the logit of [token] in row [row], given the logits of several positions. */
public operator fun NDArray.get(
    row: Int,
    token: Token,
): Double {
    require(getShape().dimension() == 2) {
        "the logits of several positions have two axes, but these are ${getShape()}"
    }
    val rows = getShape()[0]
    require(row in 0 until rows) { "there is no row $row of the logits: they have $rows, one for each of `positions`" }
    return getFloat(row.toLong(), token.id.toLong()).toDouble()
}
