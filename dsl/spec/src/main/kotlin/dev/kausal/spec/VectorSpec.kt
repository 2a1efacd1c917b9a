package dev.kausal.spec

import kotlinx.serialization.EncodeDefault
import kotlinx.serialization.ExperimentalSerializationApi
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

    /**
     * A direction fitted by the analysis called [direction] at cell [cell] of its result, times the unit of its strength. Examples of
     * its own set get the one fitted on the half without them.
     *
     * @property control what it is replaced by; null for itself
     * @property number its number among the vectors that span the cell's subspace; 0 for a direction
     * @property split seed of the halves; null for those of the result
     */
    @Serializable
    @SerialName("fitted")
    @OptIn(ExperimentalSerializationApi::class)
    public data class Fitted(
        val direction: String,
        val cell: Int,
        val unit: StrengthUnit,
        val control: DirectionControl? = null,
        @EncodeDefault(EncodeDefault.Mode.NEVER)
        val number: Int = 0,
        @EncodeDefault(EncodeDefault.Mode.NEVER)
        val split: Long? = null,
    ) : VectorSpec

    /**
     * What a [Fitted] one comes to in a run.
     *
     * @property whole fitted on all examples, for prompts of other groups
     * @property by what the examples of a group have in common
     * @property halves the half of each group
     * @property heldOut for the examples of each half, the vector fitted on the other one
     */
    @Serializable
    @SerialName("heldOut")
    public data class HeldOut(
        val whole: List<Float>,
        val by: Grouping,
        val halves: Map<String, Int>,
        val heldOut: List<List<Float>>,
    ) : VectorSpec {
        /** Returns the vector for [example]. */
        public fun of(example: ContrastSpec): List<Float> = halves[example.group(by)]?.let { heldOut[it] } ?: whole
    }
}
