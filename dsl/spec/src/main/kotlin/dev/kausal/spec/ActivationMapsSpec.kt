package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/** One number of the residual stream after each block, at each patch of an image [layer, row, column]. */
@Serializable
@SerialName("activationMaps")
public data class ActivationMapsSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val layers: List<Int>,
    val of: ActivationNumber,
) : AnalysisSpec {
    override val examplesApart: Boolean get() = true

    override val run: RunSpec get() = RunSpec.Clean
}

/**
 * A number that summarises an activation vector.
 *
 * @property text its name in results
 */
@Serializable
public enum class ActivationNumber(
    public val text: String,
) {
    /** Mean over features. */
    @SerialName("mean")
    Mean("mean activation over features"),

    /** Euclidean norm. */
    @SerialName("norm")
    Norm("length of the activation"),
}
