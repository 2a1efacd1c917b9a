package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/** What each block leaves at each patch of an image, as one number of its residual stream [layer, row, column]. */
@Serializable
@SerialName("activationMaps")
public data class ActivationMapsSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val layers: List<Int>,
    val of: ActivationNumber,
) : AnalysisSpec {
    override val run: RunSpec get() = RunSpec.Clean
}

/**
 * A number that stands for a vector of activations.
 *
 * @property text what results call it
 */
@Serializable
public enum class ActivationNumber(
    public val text: String,
) {
    /** Mean over the features. */
    @SerialName("mean")
    Mean("mean activation over features"),

    /** Euclidean length. */
    @SerialName("norm")
    Norm("length of the activation"),
}
