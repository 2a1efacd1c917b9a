package dev.kausal.dsl.bind

import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.declare.DeclaredContrast
import dev.kausal.dsl.declare.InputSource
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.engine.tokens.Tokenizer
import dev.kausal.spec.PositionRange
import dev.kausal.spec.PromptSpec

/** Checks prompts given as token ids. */
internal class IdPrompts(
    private val binding: Binding,
    private val tokenizer: Tokenizer,
) {
    private val shape = binding.facts.shape

    /** Returns the prompt of [given]; null, with a mistake, if the model cannot read it. */
    fun bind(
        written: DeclaredContrast,
        role: String,
        given: InputSource.Ids,
    ): BoundInput? {
        val mistake = mistake(written, role, given)
        if (mistake == null) {
            val subject = given.subject?.let { PositionRange(it.first, it.last) }
            return BoundInput(idPrompt(tokenizer, given.ids, subject))
        }
        binding.mistakes += mistake
        return null
    }

    private fun mistake(
        written: DeclaredContrast,
        role: String,
        given: InputSource.Ids,
    ): Mistake? {
        val (line, source) = written.origin
        val ids = given.ids
        val shown = "tokenIds(${ids.joinToString()})"
        val outside = ids.firstOrNull { it !in 0 until shape.vocabulary }
        return when {
            !binding.facts.isA(CausalLm::class.java) -> {
                Mistake.BadValue(line, shown, "for a ${binding.facts.capability}", "for a CausalLm; write text")
            }

            ids.isEmpty() -> {
                Mistake.EmptyPrompt(line, source, role)
            }

            ids.size > shape.context -> {
                Mistake.PromptTooLong(line, source, shown, ids.size, shape.context)
            }

            outside != null -> {
                val token = tokenizer.named(outside)
                Mistake.TokenBeyondModel(line, source, shown, token, outside, shape.vocabulary)
            }

            else -> {
                given.subject?.let { subject(line, shown, ids.size, it) }
            }
        }
    }

    private fun subject(
        line: Int?,
        shown: String,
        length: Int,
        subject: IntRange,
    ): Mistake? {
        val outside = listOf(subject.first, subject.last).firstOrNull { it !in 0 until length }
        return when {
            subject.isEmpty() -> Mistake.BadValue(line, "subject", "$subject", "a position or more")
            outside != null -> Mistake.NoSuchPosition(line, outside, shown, length)
            else -> null
        }
    }
}

/** Returns a prompt of [ids], with the text that they decode to. */
internal fun idPrompt(
    tokenizer: Tokenizer,
    ids: List<Int>,
    subject: PositionRange? = null,
    spans: Map<String, PositionRange> = emptyMap(),
): PromptSpec {
    val tokens = ids.map { tokenizer.named(it) }
    return PromptSpec(tokens.joinToString(""), ids, tokens, subject, spans = spans, byIds = true)
}
