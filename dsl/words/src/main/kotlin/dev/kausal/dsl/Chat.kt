package dev.kausal.dsl

import dev.kausal.dsl.declare.InputSource
import dev.kausal.spec.ChatMessage

/** A dialogue that the model's own chat template turns into a prompt; made by [chat]. */
public class Chat internal constructor(
    internal val messages: List<ChatMessage>,
    internal val addGenerationPrompt: Boolean,
    internal val begun: String,
    internal val variables: Map<String, Any>,
)

/**
 * Writes a dialogue as a prompt, by the template in the model's tokenizer files, special tokens included:
 *
 *     prompt(chat { system("You are terse."); user("What is the capital of [France]?") })
 *
 * @param addGenerationPrompt whether the template opens the assistant's next turn
 * @param variables values that this template knows, such as `"enable_thinking" to false`: texts, numbers and Booleans
 */
public fun chat(
    addGenerationPrompt: Boolean = true,
    variables: Map<String, Any> = emptyMap(),
    declare: ChatScope.() -> Unit,
): Chat = ChatScope().apply(declare).run { Chat(messages.toList(), addGenerationPrompt, begun, variables) }

/** Declares the turns of a dialogue. In one of them, brackets may mark the subject. */
@KausalDsl
public class ChatScope internal constructor() {
    internal val messages = mutableListOf<ChatMessage>()
    internal var begun = ""

    /** Adds instructions, which some templates refuse. */
    public fun system(text: String): Unit = message("system", text)

    /** Adds a turn of the user. */
    public fun user(text: String): Unit = message("user", text)

    /** Adds a whole turn of the assistant. */
    public fun assistant(text: String): Unit = message("assistant", text)

    /** Adds a turn of another [role] that the template knows. */
    public fun message(
        role: String,
        text: String,
    ) {
        messages += ChatMessage(role, text)
    }

    /** Begins the assistant's next turn with [text], which follows what the template writes. */
    public fun answerBegins(text: String) {
        begun += text
    }
}

internal fun Chat.written(): InputSource = InputSource.Dialogue(this)
