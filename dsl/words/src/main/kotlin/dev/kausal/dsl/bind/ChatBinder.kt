package dev.kausal.dsl.bind

import dev.kausal.dsl.Chat
import dev.kausal.dsl.declare.DeclaredContrast
import dev.kausal.dsl.jinja.BeyondLimit
import dev.kausal.dsl.jinja.JinjaException
import dev.kausal.dsl.jinja.RaisedByTemplate
import dev.kausal.dsl.jinja.Template
import dev.kausal.dsl.mistakes.BracketFault
import dev.kausal.dsl.mistakes.ChatMistake
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.engine.tokens.ChatTemplate
import dev.kausal.spec.ChatMessage
import dev.kausal.spec.ChatSpec
import java.security.MessageDigest
import java.util.HexFormat

/** Renders dialogues by the model's chat template. */
internal class ChatBinder(
    private val binding: Binding,
) {
    private val source: ChatTemplate? = binding.facts.chatTemplate()
    private val template: Template by lazy { Template.of(source!!.source) }
    private val sha256: String by lazy {
        HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(source!!.source.toByteArray()))
    }

    /** A dialogue as text, with its subject. */
    class Rendered(
        val prompt: MarkedPrompt,
        val spec: ChatSpec,
    )

    /** Returns [chat] as text; null, with a mistake, if the template cannot write it. */
    fun render(
        written: DeclaredContrast,
        chat: Chat,
    ): Rendered? {
        if (source == null) {
            binding.mistakes += ChatMistake.NoTemplate(written.line, binding.facts.ref)
            return null
        }
        val parsed = chat.messages.map { MarkedPrompt.parse(it.content) }
        val fault = parsed.firstNotNullOfOrNull { it.fault }
            ?: BracketFault.Several.takeIf { parsed.count { it.subject != null } > 1 }
        val mistake =
            when {
                chat.messages.isEmpty() -> ChatMistake.NoTurns(written.line)
                fault != null -> Mistake.Brackets(written.line, written.source, shown(chat), fault)
                else -> unusable(written, chat)
            }
        if (mistake == null) return rendered(written, chat, parsed)
        binding.mistakes += mistake
        return null
    }

    private fun shown(chat: Chat) = chat.messages.joinToString(" | ") { it.content }

    /** Returns the mistake of a variable that no template can read; null if there is none. */
    private fun unusable(
        written: DeclaredContrast,
        chat: Chat,
    ): Mistake? {
        val (name, value) =
            chat.variables.entries.firstOrNull { it.value !is String && it.value !is Number && it.value !is Boolean }
                ?: return null
        return Mistake.BadValue(written.line, "the variable $name", "$value", "a text, a number or a Boolean")
    }

    private fun rendered(
        written: DeclaredContrast,
        chat: Chat,
        parsed: List<MarkedPrompt>,
    ): Rendered? {
        val plain = chat.messages.zip(parsed) { message, one -> message.copy(content = one.text) }
        val marked = chat.messages.zip(parsed) { message, one -> message.copy(content = one.withMarks()) }
        try {
            val text = text(plain, chat)
            val found = text(marked, chat)
            val prompt = MarkedPrompt(text, subject(found), null)
            val spec = ChatSpec(
                sha256,
                plain,
                chat.addGenerationPrompt,
                chat.begun,
                chat.variables.mapValues { "${it.value}" },
            )
            if (found.filter { it !in MARKS } == text) return Rendered(prompt, spec)
            binding.mistakes += ChatMistake.SubjectChanged(written.line, shown(chat))
        } catch (e: JinjaException) {
            binding.mistakes += ChatMistake.NotRendered(written.line, shown(chat), e.message.orEmpty(), reason(e))
        }
        return null
    }

    private fun reason(e: JinjaException): ChatMistake.Reason =
        when (e) {
            is RaisedByTemplate -> ChatMistake.Reason.REFUSED
            is BeyondLimit -> ChatMistake.Reason.LIMIT
            else -> ChatMistake.Reason.UNSUPPORTED
        }

    private fun MarkedPrompt.withMarks(): String =
        subject?.let { text.substring(0, it.first) + START + text.substring(it) + END + text.substring(it.last + 1) }
            ?: text

    /** Returns the characters between the marks in the text without them. */
    private fun subject(marked: String): IntRange? {
        val start = marked.indexOf(START)
        val end = marked.indexOf(END)
        return if (start < 0 || end < start) null else start until end - 1
    }

    private fun text(
        messages: List<ChatMessage>,
        chat: Chat,
    ): String {
        val known = mapOf("tools" to null, "documents" to null) + source!!.tokens
        val variables = chat.variables.mapValues { (_, value) -> if (value is Int) value.toLong() else value }
        val dialogue = messages.map { mapOf("role" to it.role, "content" to it.content) }
        val given = mapOf("messages" to dialogue, "add_generation_prompt" to chat.addGenerationPrompt)
        return template.render(known + variables + given) + chat.begun
    }

    private companion object {
        /** Characters that no text has, to find the subject in what the template writes. */
        const val START = '\uE000'
        const val END = '\uE001'
        val MARKS = setOf(START, END)
    }
}
