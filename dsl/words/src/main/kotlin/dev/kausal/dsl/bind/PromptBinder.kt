package dev.kausal.dsl.bind

import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.MaskedLm
import dev.kausal.dsl.Picture
import dev.kausal.dsl.TextEncoder
import dev.kausal.dsl.TokenClassifier
import dev.kausal.dsl.cls
import dev.kausal.dsl.declare.DeclaredContrast
import dev.kausal.dsl.declare.InputSource
import dev.kausal.dsl.declare.Origin
import dev.kausal.dsl.firstSentence
import dev.kausal.dsl.mask
import dev.kausal.dsl.mistakes.BracketFault
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.dsl.secondSentence
import dev.kausal.dsl.separators
import dev.kausal.engine.tokens.Framed
import dev.kausal.engine.tokens.Framing
import dev.kausal.engine.tokens.Tokenizer
import dev.kausal.spec.PositionRange
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.TokenSpec

/** An input as the model reads it; [marked] is the text of its subject. */
internal class BoundInput(
    val spec: PromptSpec,
    val marked: String? = null,
)

/** Tokenises prompts, with the special tokens of an encoder. */
internal class PromptBinder(
    private val binding: Binding,
    private val tokenizer: Tokenizer,
) {
    private val mistakes = binding.mistakes
    private val encoder = binding.facts.isA(TextEncoder::class.java)
    private val ofTokens = binding.facts.isA(TokenClassifier::class.java)
    private val maskId: Int? = if (encoder && tokenizer.mask().isPresent) tokenizer.mask().asInt else null
    private val maskText: String? = maskId?.let { tokenizer.text(it) }

    fun bind(
        written: DeclaredContrast,
        role: String,
        text: InputSource,
    ): BoundInput? =
        when (text) {
            is InputSource.Text -> bind(written, role, listOf(text.text))
            is InputSource.Pair -> bind(written, role, listOf(text.first, text.second))
            is InputSource.Ids -> IdPrompts(binding, tokenizer).bind(written, role, text)
            is InputSource.Picture -> error("images have a binder of their own")
        }

    private fun bind(
        written: DeclaredContrast,
        role: String,
        marked: List<String>,
    ): BoundInput? {
        val parsed = marked.map { MarkedPrompt.parse(it, maskText) }
        val framed = framed(parsed.map { it.text })
        val context = binding.facts.shape.context
        val fault = parsed.firstNotNullOfOrNull { it.fault } ?: severalSubjects(parsed)
        val shown = marked.joinToString(" | ")
        val mistake =
            when {
                fault != null -> {
                    Mistake.Brackets(written.line, written.source, shown, fault)
                }

                parsed.any { it.text.isBlank() } || framed.length() == 0 -> {
                    Mistake.EmptyPrompt(written.line, written.source, role)
                }

                framed.length() > context -> {
                    Mistake.PromptTooLong(written.line, written.source, parsed[0].text, framed.length(), context)
                }

                beyond(framed.ids()) != null -> {
                    beyondModel(written.origin, parsed.joinToString(" | ") { it.text }, beyond(framed.ids())!!)
                }

                written.answers != null && !answerHasPlace(framed) -> {
                    Mistake.Masks(written.line, written.source, shown, framed.ids().count { it == maskId })
                }

                written.answers != null && ofTokens && parsed.none { it.subject != null } -> {
                    Mistake.NoWordMarked(written.line, written.source, shown)
                }

                else -> {
                    return bound(parsed, framed)
                }
            }
        mistakes += mistake
        return null
    }

    /** Returns the first token of the tokenizer that the model lacks. */
    private fun beyond(ids: IntArray): Int? = ids.firstOrNull { it >= binding.facts.shape.vocabulary }

    private fun beyondModel(
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

    private fun severalSubjects(parsed: List<MarkedPrompt>): BracketFault? =
        BracketFault.Several.takeIf { parsed.count { it.subject != null } > 1 }

    private fun framed(texts: List<String>): Framed =
        if (encoder) {
            tokenizer.frame(texts[0], texts.getOrNull(1))
        } else {
            Framing.NONE.frame(tokenizer.encode(texts[0]), texts.getOrNull(1)?.let { tokenizer.encode(it) })
        }

    /**
     * Returns whether the answer has a position: a masked language model answers at its mask, a token classifier at the
     * marked word, other models at the end or for the whole input.
     */
    private fun answerHasPlace(framed: Framed): Boolean =
        !binding.facts.isA(MaskedLm::class.java) || framed.ids().count { it == maskId } == 1

    private fun bound(
        parsed: List<MarkedPrompt>,
        framed: Framed,
    ): BoundInput {
        val ids = framed.ids().toList()
        val withSubject = parsed.withIndex().firstOrNull { it.value.subject != null }
        val masks = ids.indices.filter { ids[it] == maskId }
        val marked = withSubject?.let { (text, prompt) -> subject(framed, text, prompt.subject!!) }
        val spec =
            PromptSpec(
                text = parsed[0].text,
                ids = ids,
                tokens = ids.map { tokenizer.text(it) },
                subject = marked,
                types = framed.types().toList().takeIf { types -> binding.facts.hasTypes && types.any { it != 0 } },
                read = if (ofTokens) marked?.first else masks.singleOrNull(),
                spans = spans(framed, masks),
                second = parsed.getOrNull(1)?.text,
            )
        return BoundInput(spec, withSubject?.value?.run { text.substring(subject!!) })
    }

    private fun spans(
        framed: Framed,
        masks: List<Int>,
    ): Map<String, PositionRange> =
        buildMap {
            if (encoder && framed.texts()[0] == Framed.SPECIAL) put(cls.name, PositionRange(0, 0))
            masks.singleOrNull()?.let { put(mask.name, PositionRange(it, it)) }
            val texts = framed.texts()
            if (encoder && texts.size > 1 && texts.last() == Framed.SPECIAL) {
                put(separators.name, PositionRange(texts.lastIndex, texts.lastIndex))
            }
            if (1 in texts) {
                put(firstSentence.name, PositionRange(texts.indexOf(0), texts.lastIndexOf(0)))
                put(secondSentence.name, PositionRange(texts.indexOf(1), texts.lastIndexOf(1)))
            }
        }

    /** Returns the tokens that share a character with [marked]; a token includes its leading blank. */
    private fun subject(
        framed: Framed,
        text: Int,
        marked: IntRange,
    ): PositionRange? {
        val inside =
            framed.ids().indices.filter {
                framed.texts()[it] == text && framed.starts()[it] <= marked.last && framed.ends()[it] > marked.first
            }
        return if (inside.isEmpty()) null else PositionRange(inside.first(), inside.last())
    }

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
        val spaced = " $text"
        val better = spaced.takeIf { text.isNotBlank() && text[0] != ' ' && tokenizer.encode(it).length() == 1 }
        val tokens = tokenizer.encode(text).ids().map { tokenizer.text(it) }
        mistakes += Mistake.NotOneToken(at.line, at.source, role, text, tokens, better)
        return null
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
