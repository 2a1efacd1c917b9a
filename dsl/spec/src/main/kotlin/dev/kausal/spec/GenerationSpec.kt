package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/**
 * Continuations of prompts, unedited and under interventions.
 *
 * @property tokens most tokens to write after a prompt
 * @property ends tokens after which a text ends
 * @property choice how each token is chosen
 * @property during positions of edits that name none
 * @property axes one axis, `variant`
 * @property cells the variants; the first has no edits
 * @property score what the result measures; null for the log probability per token
 */
@Serializable
@SerialName("generation")
public data class GenerationSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    override val run: RunSpec = RunSpec.Clean,
    val tokens: Int,
    val ends: List<TokenSpec>,
    val choice: TokenChoiceSpec,
    val during: During = During.All,
    val axes: List<AxisSpec>,
    val cells: List<CellSpec>,
    val score: TextScore? = null,
) : AnalysisSpec {
    override val choices: List<ChoiceSpec> get() = cells.flatMap { it.choices }.distinct()

    override val callsScript: Boolean get() = cells.any { cell -> cell.edits.any { it.value.callsScript } }

    /** Returns each text's length if none ends early. */
    override fun passes(contrasts: List<ContrastSpec>): List<Int> =
        contrasts.flatMap { contrast -> List(cells.size * choice.samples) { contrast.clean.length + tokens } }

    override fun measure(experiment: ExperimentSpec): Measure =
        if (score == null) {
            Measure.Quantity("log probability per token (nats)", ValueRange.NOT_POSITIVE)
        } else {
            Measure.Quantity(score.of(run), ValueRange.SHARE)
        }
}

/** How each token of a text is chosen. */
@Serializable
public sealed interface TokenChoiceSpec {
    /** Number of texts that are written for each prompt and variant. */
    public val samples: Int get() = 1

    /** The most likely token. */
    @Serializable
    @SerialName("greedy")
    public data object Greedy : TokenChoiceSpec

    /**
     * A token drawn from the model's distribution.
     *
     * @property temperature divisor of the logits
     * @property topP probability of the likeliest tokens that are drawn from
     * @property seed seed of each prompt's random numbers, which are the same in all variants
     */
    @Serializable
    @SerialName("sampled")
    public data class Sampled(
        val temperature: Double,
        val topP: Double,
        override val samples: Int,
        val seed: Long,
    ) : TokenChoiceSpec
}

/** Positions of a text at which edits act that name no positions themselves. */
@Serializable
public enum class During {
    /** The prompt's positions. */
    @SerialName("prompt")
    Prompt,

    /** The positions that predict the answer's tokens: the prompt's last position and those after it. */
    @SerialName("answer")
    Answer,

    /** All positions of prompt and answer. */
    @SerialName("all")
    All,
}

/**
 * Whether a text is right, judged by the example's answers; 1 or 0.
 *
 * @property text name in results
 */
@Serializable
public enum class TextScore(
    public val text: String,
    private val holds: (String, String) -> Boolean,
) {
    /** Whether the text contains the answer as whole words, in capitals or not. */
    @SerialName("containsAnswer")
    ContainsAnswer("texts with the answer", ::contains),

    /** Whether the first line that is not blank is the answer, in capitals or not, a final full stop aside. */
    @SerialName("isAnswer")
    IsAnswer("texts equal to the answer", ::equals),

    /**
     * Whether the first letter that the text gives as an answer is that of the answer: a capital letter in brackets, or
     * followed by a bracket, full stop, colon or line break, or the whole text.
     */
    @SerialName("answerLetter")
    AnswerLetter("texts with the answer's letter", ::sameLetter),
    ;

    /** Returns [text] for a run: the right answer of the corrupted prompt is the foil. */
    public fun of(run: RunSpec): String =
        if (run.input == RunSpec.Corrupted) text.replace("the answer", "the foil") else text

    /** Returns whether [text] is right if any of [answers] is. */
    public fun of(
        text: String,
        answers: List<String>,
    ): Boolean = answers.any { holds(text, it) }
}

private fun contains(
    text: String,
    answer: String,
): Boolean =
    Regex("(?<![\\p{L}\\p{N}])${Regex.escape(answer.trim())}(?![\\p{L}\\p{N}])", RegexOption.IGNORE_CASE) in text

private fun equals(
    text: String,
    answer: String,
): Boolean {
    val line = text.trim().lineSequence().first().trim()
    return line.removeSuffix(".").equals(answer.trim().removeSuffix("."), ignoreCase = true)
}

private val LETTER = Regex("\\(([A-Z])\\)|(?<![\\p{L}\\p{N}'])([A-Z])(?=[).:\\n]|\\s*$)")

private fun letter(text: String): String? =
    LETTER.find(text)?.let { found -> found.groupValues.drop(1).first { it.isNotEmpty() } }

private fun sameLetter(
    text: String,
    answer: String,
): Boolean = letter(answer.trim())?.let { it == letter(text) } == true
