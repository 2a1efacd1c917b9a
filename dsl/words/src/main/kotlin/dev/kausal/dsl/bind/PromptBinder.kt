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

    private val chats by lazy { ChatBinder(binding) }

    /** The tokens of answers. */
    val answers: AnswerTokens = AnswerTokens(binding, tokenizer, maskText)

    fun bind(
        written: DeclaredContrast,
        role: String,
        text: InputSource,
    ): BoundInput? =
        when (text) {
            is InputSource.Text -> bind(written, role, listOf(text.text))
            is InputSource.Pair -> bind(written, role, listOf(text.first, text.second))
            is InputSource.Ids -> IdPrompts(binding, tokenizer).bind(written, role, text)
            is InputSource.Dialogue -> dialogue(written, role, text)
            is InputSource.Picture -> error("images have a binder of their own")
        }

    private fun bind(
        written: DeclaredContrast,
        role: String,
        marked: List<String>,
    ): BoundInput? =
        checked(written, role, marked.map { MarkedPrompt.parse(it, maskText) }, marked.joinToString(" | "))

    private fun dialogue(
        written: DeclaredContrast,
        role: String,
        dialogue: InputSource.Dialogue,
    ): BoundInput? {
        val rendered = chats.render(written, dialogue.chat) ?: return null
        val bound = checked(written, role, listOf(rendered.prompt), rendered.prompt.text) ?: return null
        return BoundInput(bound.spec.copy(chat = rendered.spec), bound.marked)
    }

    private fun checked(
        written: DeclaredContrast,
        role: String,
        parsed: List<MarkedPrompt>,
        shown: String,
    ): BoundInput? {
        val framed = framed(parsed.map { it.text })
        val context = binding.facts.shape.context
        val fault = parsed.firstNotNullOfOrNull { it.fault } ?: severalSubjects(parsed)
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

                answers.beyond(framed.ids()) != null -> {
                    answers.beyondModel(
                        written.origin,
                        parsed.joinToString(" | ") {
                            it.text
                        },
                        answers.beyond(framed.ids())!!,
                    )
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
}
