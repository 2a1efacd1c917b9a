package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/** A vector that edits add or write. */
@Serializable
public sealed interface VectorSpec {
    /** The same for every example. */
    @Serializable
    @SerialName("same")
    public data class Same(
        val values: List<Float>,
    ) : VectorSpec

    /** One for each example, by its label. */
    @Serializable
    @SerialName("byExample")
    public data class ByExample(
        val values: Map<String, List<Float>>,
    ) : VectorSpec

    /** Of Euclidean norm [norm], in a direction drawn with [seed] for each prompt, draw of noise and hook point. */
    @Serializable
    @SerialName("random")
    public data class Random(
        val norm: Double,
        val seed: Long,
    ) : VectorSpec
}
