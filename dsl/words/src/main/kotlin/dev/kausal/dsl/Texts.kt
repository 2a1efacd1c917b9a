package dev.kausal.dsl

import dev.kausal.spec.TextScore
import dev.kausal.spec.TokenChoiceSpec

/** Positions of a text at which edits act that name none themselves. */
public typealias During = dev.kausal.spec.During

/** How the tokens of a text are chosen: [likeliest] or [sampled]. */
public class TokenChoice internal constructor(
    internal val temperature: Double?,
    internal val topP: Double,
    internal val samples: Int,
    private val seed: Long?,
) {
    internal fun toSpec(seed: Long): TokenChoiceSpec =
        if (temperature == null) {
            TokenChoiceSpec.Greedy
        } else {
            TokenChoiceSpec.Sampled(temperature, topP, samples, this.seed ?: seed)
        }
}

/** Always the most likely token (greedy decoding). */
public val likeliest: TokenChoice = TokenChoice(null, 1.0, 1, null)

/**
 * Tokens drawn from the model's distribution. All variants of a prompt draw with the same random numbers.
 *
 * @param temperature divisor of the logits: below 1 for likelier tokens, above 1 for more variety
 * @param topP draws from the fewest tokens, likeliest first, whose probabilities add up to this much (nucleus sampling)
 * @param samples number of texts for each prompt and variant
 * @param seed seed of the draws; if null, the experiment's seed
 */
public fun sampled(
    temperature: Double = 1.0,
    topP: Double = 1.0,
    samples: Int = 1,
    seed: Long? = null,
): TokenChoice = TokenChoice(temperature, topP, samples, seed)

/** Whether a text contains the answer as whole words, in capitals or not. */
public val containsAnswer: TextScore = TextScore.ContainsAnswer

/** Whether a text's first line is the answer, in capitals or not, a final full stop aside. */
public val isAnswer: TextScore = TextScore.IsAnswer

/**
 * Whether the first letter that a text gives as an answer is that of the answer: a capital in brackets, or followed by
 * a bracket, full stop, colon or line break, or the whole text.
 */
public val answerLetter: TextScore = TextScore.AnswerLetter
