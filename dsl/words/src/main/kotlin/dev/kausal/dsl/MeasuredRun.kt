package dev.kausal.dsl

import dev.kausal.spec.MeasuredExample
import dev.kausal.spec.TokenSpec

/** What the function of a [metric] can access besides the logits. */
@KausalDsl
public class MeasuredRun internal constructor(
    private val of: MeasuredExample,
) {
    /** Label of the example. */
    public val example: String get() = of.contrast.label

    /** `clean`, `corrupted` or `noised`. */
    public val run: String get() = of.run

    /** Texts of the prompt's tokens, including leading blanks. */
    public val tokens: List<String> get() = of.prompt.tokens

    /** Ids of the prompt's tokens; empty for an image. */
    public val ids: List<Int> get() = of.prompt.ids

    /** The positions of the given logits, row by row. */
    public val positions: List<Int> get() = of.positions

    /** The right answers of the clean prompt: tokens or classes. */
    public val answers: List<Token> get() = of.contrast.answers.map(::token)

    /** The right answers of the corrupted prompt: tokens or classes. */
    public val foils: List<Token> get() = of.contrast.foils.map(::token)

    /** The first answer. */
    public val answer: Token get() = answers.firstOrNull() ?: error("$example has no answer")

    /** The first foil. */
    public val foil: Token get() = foils.firstOrNull() ?: error("$example has no foil")

    private fun token(spec: TokenSpec) = Token(spec.text, null).also { it.resolve(spec.id) }
}
