package dev.kausal.dsl.bind

import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.MaskedLm
import dev.kausal.dsl.declare.DeclaredContrast
import dev.kausal.dsl.declare.Origin
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.engine.tokens.Tokenizer
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.TokenSpec

/** Finds the tokens of answers, foils and candidates. */
internal class AnswerTokens(
    private val binding: Binding,
    private val tokenizer: Tokenizer,
    private val maskText: String?,
) {
    private val mistakes = binding.mistakes

    /** Returns the first token of the tokenizer that the model lacks. */
    fun beyond(ids: IntArray): Int? = ids.firstOrNull { it >= binding.facts.shape.vocabulary }

    /** Reports that the model lacks token [id] of [text]. */
    fun beyondModel(
        at: Origin,
        text: String,
        id: Int,
    ) = Mistake.TokenBeyondModel(
        at.line,
        at.source,
        text,
        tokenizer.named(id),
        id,
        binding.facts.shape.vocabulary,
    )

    /** Returns the single token of [text]; null, with a mistake, if it is not one token. */
    fun token(
        at: Origin,
        role: String,
        text: String,
    ): TokenSpec? {
        oneToken(text)?.let { id ->
            if (beyond(intArrayOf(id)) == null) return TokenSpec(text, id)
            mistakes += beyondModel(at, text, id)
            return null
        }
        mistakes += notOneToken(at, role, text, null)
        return null
    }

    /** Returns the mistake that [text] is several tokens, which [metric] could measure. */
    private fun notOneToken(
        at: Origin,
        role: String,
        text: String,
        metric: String?,
    ): Mistake.NotOneToken {
        val spaced = " $text"
        val better = spaced.takeIf { text.isNotBlank() && text[0] != ' ' && tokenizer.encode(it).length() == 1 }
        val tokens = tokenizer.encode(text).ids().map { tokenizer.text(it) }
        return Mistake.NotOneToken(at.line, at.source, role, text, tokens, better, metric)
    }

    /** Returns an answer of a model that continues texts, of one token or several; null, with a mistake, if of none. */
    fun continuation(
        written: DeclaredContrast,
        role: String,
        text: String,
    ): TokenSpec? {
        if (tokens(text).size < 2) return token(written.origin, role, text)
        return candidate(written, text)?.let { TokenSpec(text, it.first(), rest = it.drop(1)) }
    }

    /** Remembers the [answers] and foils of several tokens, which are mistakes if an analysis needs single tokens. */
    fun several(
        written: DeclaredContrast,
        label: String,
        answers: Pair<List<TokenSpec>, List<TokenSpec>>,
    ) {
        val all = answers.first.map { "answer" to it } + answers.second.map { "foil" to it }
        for ((role, token) in all.filter { it.second.rest.isNotEmpty() }) {
            val metric = if (answers.second.isEmpty()) "logLikelihood" else "logLikelihoodDifference"
            val mistake = notOneToken(written.origin, role, token.text, metric)
            binding.severalTokens.getOrPut(label to token) { LinkedHashSet() } += mistake
        }
    }

    /** Returns this model's single token of [text]; null if it is not one token. */
    fun oneToken(text: String): Int? = tokenizer.encode(text).ids().singleOrNull() ?: withOwnBlank(text)

    /** Returns the text before this model's answer, if a blank after it would belong to the answer; else null. */
    fun roomForBlank(prompt: PromptSpec): String? {
        val before =
            when {
                prompt.second != null -> return null
                binding.facts.isA(CausalLm::class.java) -> prompt.text
                binding.facts.isA(MaskedLm::class.java) -> beforeMask(prompt)
                else -> return null
            }
        return before?.takeIf { it.isNotEmpty() && !it.last().isWhitespace() }
    }

    /** Returns the text before the mask, if the mask token includes the blank before it, as RoBERTa's does. */
    private fun beforeMask(prompt: PromptSpec): String? {
        val before = prompt.text.substringBefore(maskText ?: return null)
        val own = prompt.read?.let { prompt.tokens.getOrNull(it - 1) }?.let { !it.last().isWhitespace() }
        return before.removeSuffix(" ").takeIf { own == true && before.endsWith(' ') }
    }

    /** Returns whether [prompt] ends in a blank, which the answer [token] has as well. */
    fun doubled(
        token: TokenSpec,
        prompt: PromptSpec,
    ): Boolean {
        val ends = prompt.tokens.lastOrNull()?.endsWith(' ') == true
        return ends && binding.facts.isA(CausalLm::class.java) && tokenizer.text(token.id).startsWith(' ')
    }

    /** Returns [token] with a leading blank; null if there is no such token, or none is expected after [before]. */
    fun spaced(
        token: TokenSpec,
        before: String,
    ): Int? {
        if (!LeadingBlanks.expected(before, token.text)) return null
        val spaced = " ${token.text}"
        val id = oneToken(spaced) ?: return null
        return id.takeIf { it != token.id && tokenizer.text(it) == spaced && beyond(intArrayOf(it)) == null }
    }

    /**
     * Returns the tokens of a candidate answer, one or several; null, with a mistake, if the model lacks one of them.
     */
    fun candidate(
        written: DeclaredContrast,
        text: String,
    ): List<Int>? {
        val ids = tokens(text)
        val beyond = beyond(ids.toIntArray()) ?: return ids.ifEmpty { null }
        mistakes += beyondModel(written.origin, text, beyond)
        return null
    }

    /** Returns the tokens of [text] with a leading blank; null if they are the same, or if none is expected after [before]. */
    fun spaced(
        text: String,
        before: String,
    ): List<Int>? {
        if (!LeadingBlanks.expected(before, text)) return null
        val ids = tokens(" $text")
        val own = ids.isNotEmpty() && tokenizer.text(ids[0]).startsWith(' ') && beyond(ids.toIntArray()) == null
        return ids.takeIf { own && it != tokens(text) }
    }

    /** Returns this model's tokens of [text] as the continuation of a prompt. */
    fun tokens(text: String): List<Int> {
        oneToken(text)?.let { return listOf(it) }
        // SentencePiece's tokenizers add a blank before the first word.
        val bare = if (text.startsWith(' ')) tokenizer.encode(text.drop(1)).ids().toList() else emptyList()
        val blank = bare.firstOrNull()?.let { tokenizer.text(it).startsWith(' ') } ?: false
        return if (blank) bare else tokenizer.encode(text).ids().toList()
    }

    /** Returns the token of a [text] with a leading blank if the tokenizer itself adds one, as SentencePiece's do. */
    private fun withOwnBlank(text: String): Int? {
        if (!text.startsWith(' ')) return null
        return tokenizer.encode(text.drop(1)).ids().singleOrNull()?.takeIf { tokenizer.text(it) == text }
    }
}
