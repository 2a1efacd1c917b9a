package dev.kausal.dsl.bind

import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.MaskedLm
import dev.kausal.dsl.Token
import dev.kausal.dsl.declare.Origin
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.spec.TokenSpec

/** Finds the ids of tokens that a script names by their text. */
internal class TokenBinder(
    private val binding: Binding,
) {
    private val facts = binding.facts

    /** Whether the model's outputs are tokens. */
    private val outputs = facts.isA(CausalLm::class.java) || facts.isA(MaskedLm::class.java)
    private val prompts = facts.tokenizer?.takeIf { outputs }?.let { PromptBinder(binding, it) }

    /** Resolves and returns [tokens]; a text that is not exactly one token is a mistake. */
    fun bind(tokens: List<Token>): List<TokenSpec> =
        tokens.mapNotNull { token ->
            of(token.line, "text of token(...)", token.text)?.also { token.resolve(it.id) }
        }.distinct()

    /**
     * Returns the token of [text], which the script calls [role]; null, with a mistake, if it is not exactly one token.
     */
    fun of(
        line: Int?,
        role: String,
        text: String,
    ): TokenSpec? {
        if (prompts == null) {
            binding.mistakes += Mistake.NoTokens(line, text, facts.capability)
            return null
        }
        return prompts.answers.token(Origin(line), role, text)
    }
}
