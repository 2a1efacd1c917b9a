package dev.kausal.notebook

import dev.kausal.engine.errors.KausalException

/**
 * The most likely tokens after a prompt.
 *
 * @property tokens texts of the tokens, the most likely first
 * @property probabilities theirs
 */
public class NextTokens internal constructor(
    public val prompt: String,
    public val tokens: List<String>,
    public val probabilities: List<Double>,
) {
    /** The table as columns, as a data frame takes them. */
    public val columns: Map<String, List<Any>> get() = mapOf("token" to tokens, "probability" to probabilities)

    override fun toString(): String =
        tokens.zip(probabilities).joinToString { (token, p) -> "\"$token\" ${Outputs.number(p)}" }
}

/**
 * The effect of a patch on the logit difference of answer and foil.
 *
 * @property clean logit difference of the clean run
 * @property corrupted that of the corrupted run
 * @property patched that of the corrupted run with the patch
 * @property recovery where the patched run is from the corrupted (0) to the clean run (1)
 */
public class PatchEffect internal constructor(
    public val layer: Int,
    public val place: String,
    public val clean: Double,
    public val corrupted: Double,
    public val patched: Double,
    public val recovery: Double,
) {
    override fun toString(): String =
        "layer $layer, $place: recovery ${Outputs.number(recovery)} (logit difference ${Outputs.number(patched)}; " +
            "corrupted ${Outputs.number(corrupted)}, clean ${Outputs.number(clean)})"
}

/** A prompt or number that does not fit the model. */
public class PromptException internal constructor(
    message: String,
) : KausalException(Blame.USER, message) {
    internal companion object {
        private const val serialVersionUID = 1L

        fun top(top: Int, most: Int) =
            PromptException("top is $top, but must be from 1 to the number of tokens, $most.")
    }
}
