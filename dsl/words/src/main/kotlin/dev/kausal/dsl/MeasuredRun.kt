package dev.kausal.dsl

import dev.kausal.spec.MeasuredExample
import dev.kausal.spec.TokenSpec

/** What the function of a [metric] knows of the run that it measures. */
@KausalDsl
public class MeasuredRun internal constructor(
    private val of: MeasuredExample,
) {
    /** Label of the example. */
    public val example: String get() = of.contrast.label

    /** `clean`, `corrupted` or `noised`. */
    public val run: String get() = of.run

    /** Texts of the prompt's tokens, leading blanks kept. */
    public val tokens: List<String> get() = of.prompt.tokens

    /** Numbers of the prompt's tokens; empty for an image. */
    public val ids: List<Int> get() = of.prompt.ids

    /** The positions of the prompt whose logits are given, row by row. */
    public val positions: List<Int> get() = of.positions

    /** What is right for the clean prompt: a token, or a class. */
    public val answers: List<Token> get() = of.contrast.answers.map(::token)

    /** What is right for the corrupted prompt: a token, or a class. */
    public val foils: List<Token> get() = of.contrast.foils.map(::token)

    /** The answer, the first of several. */
    public val answer: Token get() = answers.firstOrNull() ?: error("$example has no answer")

    /** The foil, the first of several. */
    public val foil: Token get() = foils.firstOrNull() ?: error("$example has no foil")

    private fun token(spec: TokenSpec) = Token(spec.text, null).also { it.resolve(spec.id) }
}
