package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/**
 * A text that a model wrote after a prompt.
 *
 * @property text the text without prompt and end token
 * @property ids its tokens, an end token included
 * @property logProbabilities log probability of each token in nats by the edited model, at temperature 1 over the whole
 *   vocabulary
 * @property stopped why it ends
 */
@Serializable
public data class GeneratedText(
    val text: String,
    val ids: List<Int>,
    val logProbabilities: List<Double>,
    val stopped: Stopped,
)

/** Why a text ends. */
@Serializable
public enum class Stopped {
    /** The model wrote an end token. */
    @SerialName("endToken")
    EndToken,

    /** The number of tokens was reached. */
    @SerialName("length")
    Length,
}
