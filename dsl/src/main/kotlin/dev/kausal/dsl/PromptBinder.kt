package dev.kausal.dsl

import dev.kausal.engine.tokens.Encoding
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.PositionRange
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.TokenSpec

/** Tokenises contrasts. A contrast with a mistake is left out of the set, so that it is reported once. */
internal class PromptBinder(
    private val binding: Binding,
) {
    private val tokenizer = binding.facts.tokenizer
    private val mistakes = binding.mistakes

    fun bind(set: Contrasts<*>): ContrastSetSpec {
        val before = mistakes.size
        val written = set.items.flatMap { written(it) }
        if (written.isEmpty() && mistakes.size == before) mistakes += Mistake.EmptyContrasts(set.line, set.name)
        return ContrastSetSpec(set.name, written.mapNotNull { contrast(it) })
    }

    private fun written(item: ContrastItem): List<WrittenContrast> =
        when (item) {
            is ContrastItem.Written -> listOf(item.contrast)
            is ContrastItem.File -> ContrastFile(item.path, item.line, mistakes).read()
        }

    private fun contrast(written: WrittenContrast): ContrastSpec? {
        val clean = prompt(written, "clean", written.clean)
        val corrupted = written.corrupted?.let { prompt(written, "corrupted", it) }
        val answer = token(written, "answer", written.answer)
        val foil = written.foil?.let { token(written, "foil", it) }
        if (answer != null && answer.id == foil?.id) {
            mistakes += Mistake.SameAnswer(written.line, written.source, answer.text)
        }
        if (clean == null || (written.corrupted != null && corrupted == null)) return null
        // With a placeholder for a wrong answer or foil, so that the prompts' own mistakes are found in the same go.
        val label = written.label ?: clean.marked ?: clean.spec.text
        return ContrastSpec(
            label,
            clean.spec,
            answer ?: TokenSpec(written.answer, NO_TOKEN),
            corrupted?.spec,
            foil ?: written.foil?.let { TokenSpec(it, NO_TOKEN) },
        )
    }

    private companion object {
        const val NO_TOKEN = -1
    }

    private class Bound(
        val spec: PromptSpec,
        val marked: String?,
    )

    private fun prompt(
        written: WrittenContrast,
        role: String,
        marked: String,
    ): Bound? {
        val parsed = MarkedPrompt.parse(marked)
        if (parsed.fault != null) {
            mistakes += Mistake.Brackets(written.line, written.source, marked, parsed.fault)
            return null
        }
        val encoding = tokenizer.encode(parsed.text)
        val context = binding.facts.shape.context
        val mistake =
            when {
                parsed.text.isBlank() || encoding.length() == 0 -> {
                    Mistake.EmptyPrompt(written.line, written.source, role)
                }

                encoding.length() > context -> {
                    Mistake.PromptTooLong(written.line, written.source, parsed.text, encoding.length(), context)
                }

                else -> {
                    null
                }
            }
        if (mistake != null) {
            mistakes += mistake
            return null
        }
        val ids = encoding.ids().toList()
        val tokens = ids.map { tokenizer.text(it) }
        val subject = parsed.subject?.let { subject(encoding, it) }
        return Bound(PromptSpec(parsed.text, ids, tokens, subject), parsed.subject?.let { parsed.text.substring(it) })
    }

    /** The tokens that share a character with [marked]; a token's leading blank belongs to it. */
    private fun subject(
        encoding: Encoding,
        marked: IntRange,
    ): PositionRange? {
        val inside =
            encoding.ids().indices.filter { encoding.starts()[it] <= marked.last && encoding.ends()[it] > marked.first }
        return if (inside.isEmpty()) null else PositionRange(inside.first(), inside.last())
    }

    private fun token(
        written: WrittenContrast,
        role: String,
        text: String,
    ): TokenSpec? {
        val ids = tokenizer.encode(text).ids()
        if (ids.size == 1) return TokenSpec(text, ids[0])
        val spaced = " $text"
        val better = spaced.takeIf { text.isNotBlank() && text[0] != ' ' && tokenizer.encode(it).length() == 1 }
        val tokens = ids.map { tokenizer.text(it) }
        mistakes += Mistake.NotOneToken(written.line, written.source, role, text, tokens, better)
        return null
    }
}

/** A prompt without its brackets. [subject] is the range of characters that they held. */
internal class MarkedPrompt private constructor(
    val text: String,
    val subject: IntRange?,
    val fault: BracketFault?,
) {
    companion object {
        fun parse(marked: String): MarkedPrompt {
            val text = StringBuilder()
            val opens = mutableListOf<Int>()
            val closes = mutableListOf<Int>()
            var unbalanced = false
            var i = 0
            while (i < marked.length) {
                val c = marked[i]
                if (c == '\\' && i + 1 < marked.length && marked[i + 1] in "[]") {
                    text.append(marked[++i])
                } else if (c == '[') {
                    unbalanced = unbalanced || opens.size > closes.size
                    opens += text.length
                } else if (c == ']') {
                    closes += text.length
                    unbalanced = unbalanced || closes.size > opens.size
                } else {
                    text.append(c)
                }
                i++
            }
            unbalanced = unbalanced || opens.size != closes.size
            val fault = fault(unbalanced, opens, closes)
            val subject = if (fault == null && opens.size == 1) opens[0] until closes[0] else null
            return MarkedPrompt(text.toString(), subject, fault)
        }

        private fun fault(
            unbalanced: Boolean,
            opens: List<Int>,
            closes: List<Int>,
        ): BracketFault? =
            when {
                unbalanced -> BracketFault.Unbalanced
                opens.size > 1 -> BracketFault.Several
                opens.size == 1 && opens[0] == closes[0] -> BracketFault.Empty
                else -> null
            }
    }
}
