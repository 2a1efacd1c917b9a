package dev.kausal.spec

import kotlinx.serialization.Serializable

/**
 * A prompt as a dialogue: [PromptSpec.text] is what the model's chat template made of it.
 *
 * @property template SHA-256 of the template
 * @property messages turns of the dialogue, in order
 * @property generationPrompt whether the template opened the next answer
 * @property begun start of that answer, after the template's text
 * @property variables values that the template received besides the messages, as text
 */
@Serializable
public data class ChatSpec(
    val template: String,
    val messages: List<ChatMessage>,
    val generationPrompt: Boolean = true,
    val begun: String = "",
    val variables: Map<String, String> = emptyMap(),
)

/** One turn of a dialogue. */
@Serializable
public data class ChatMessage(
    val role: String,
    val content: String,
)
