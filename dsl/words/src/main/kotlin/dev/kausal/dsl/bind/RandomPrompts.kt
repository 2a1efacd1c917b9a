package dev.kausal.dsl.bind

import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.declare.DeclaredContrast
import dev.kausal.dsl.declare.InputItem
import dev.kausal.dsl.declare.InputSource
import dev.kausal.dsl.firstCopy
import dev.kausal.dsl.lastCopy
import dev.kausal.dsl.repeatStart
import dev.kausal.engine.tokens.Tokenizer
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.PositionRange
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.TokenSpec
import java.util.Random

/** Draws prompts of random tokens, the same for the same seed and vocabulary. */
internal class RandomPrompts(
    private val binding: Binding,
    private val tokenizer: Tokenizer,
) {
    private val facts = binding.facts

    /** Tokens that may be drawn: those of the model that represent text. */
    private val ordinary: IntArray by lazy {
        (0 until minOf(facts.shape.vocabulary, tokenizer.vocabularySize())).filter {
            tokenizer.has(it) && !tokenizer.special(it)
        }.toIntArray()
    }

    /** Returns the examples of [item], part [number] of its set; none, with mistakes, if they cannot be drawn. */
    fun of(
        item: InputItem.Random,
        number: Int,
    ): List<DeclaredContrast> {
        val prefix = tokenizer.encode(item.prefix).ids().toList()
        if (!sound(item, prefix)) return emptyList()
        val seed = item.seed ?: binding.seed
        return List(item.count) { index ->
            val random = Random(Random((seed * SPREAD + number) * SPREAD + index).nextLong())
            val drawn = drawn(item.length + 1, prefix, random)
            val label = "random ${index + 1}"
            val made = if (item.asks) asked(item, prefix, drawn, label) else plain(item, prefix, drawn, label)
            val clean = InputSource.Ids(made.clean.ids, null)
            DeclaredContrast(clean, null, null, emptyList(), label, item.line, made = made)
        }
    }

    /**
     * Draws distinct tokens that are not in the prefix, so that only the copies repeat. One extra token is drawn for a
     * foil, so that prompts and contrasts with the same seed have the same tokens.
     */
    private fun drawn(
        count: Int,
        prefix: List<Int>,
        random: Random,
    ): List<Int> {
        val shuffled = ordinary.copyOf()
        for (left in shuffled.size downTo 2) {
            val at = random.nextInt(left)
            val token = shuffled[at]
            shuffled[at] = shuffled[left - 1]
            shuffled[left - 1] = token
        }
        return shuffled.asSequence().filter { it !in prefix }.take(count).toList()
    }

    private fun plain(
        item: InputItem.Random,
        prefix: List<Int>,
        drawn: List<Int>,
        label: String,
    ): ContrastSpec {
        val copy = drawn.take(item.length)
        return ContrastSpec(label, prompt(item, prefix, List(item.repeats) { copy }))
    }

    private fun asked(
        item: InputItem.Random,
        prefix: List<Int>,
        drawn: List<Int>,
        label: String,
    ): ContrastSpec {
        val copy = drawn.take(item.length)
        val other = copy.dropLast(1) + drawn.last()
        val last = listOf(copy.dropLast(1))
        return ContrastSpec(
            label = label,
            clean = prompt(item, prefix, List(item.repeats - 1) { copy } + last),
            answer = token(copy.last()),
            corrupted = prompt(item, prefix, List(item.repeats - 1) { other } + last),
            foil = token(other.last()),
        )
    }

    private fun token(id: Int) = TokenSpec(tokenizer.text(id), id)

    private fun prompt(
        item: InputItem.Random,
        prefix: List<Int>,
        copies: List<List<Int>>,
    ): PromptSpec {
        val ids = prefix + copies.flatten()
        val first = PositionRange(prefix.size, prefix.size + item.length - 1)
        val start = ids.size - copies.last().size
        val spans =
            if (item.repeats < 2) {
                mapOf(firstCopy.name to first)
            } else {
                mapOf(
                    firstCopy.name to first,
                    lastCopy.name to PositionRange(start, ids.lastIndex),
                    repeatStart.name to PositionRange(start, start),
                )
            }
        return idPrompt(tokenizer, ids, spans = spans)
    }

    private fun sound(
        item: InputItem.Random,
        prefix: List<Int>,
    ): Boolean {
        val before = binding.mistakes.size

        fun bad(
            name: String,
            found: Any,
            expected: String,
        ) = binding.bad(item.line, name, "$found", expected)
        val least = if (item.asks) 2 else 1
        val most = ordinary.count { it !in prefix } - 1
        val context = facts.shape.context
        // A contrast asks for its last token.
        val asked = if (item.asks) 1 else 0
        val total = prefix.size + item.length.toLong() * item.repeats - asked
        if (!facts.isA(CausalLm::class.java)) bad("randomTokens", "of a ${facts.capability}", "of a CausalLm")
        if (item.length !in least..most) {
            val range = if (most < least) "for a model with more tokens" else "$least to $most"
            bad("length", item.length, "$range: the tokens of a prompt differ, and special ones are not drawn")
        }
        if (item.repeats < least) bad("repeats", item.repeats, "$least or more")
        if (item.count < 1) bad("count", item.count, "1 or more")
        if (prefix.any { it >= facts.shape.vocabulary }) bad("prefix", "\"${item.prefix}\"", "of tokens of this model")
        if (total > context && binding.mistakes.size == before) {
            bad("each prompt", "$total tokens, prefix included", "at most $context tokens, the model's context")
        }
        return binding.mistakes.size == before
    }

    private companion object {
        const val SPREAD = 1_000_003L
    }
}
