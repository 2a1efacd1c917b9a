package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/**
 * Whether maps on the patches of the same images say the same: rank correlation (Spearman) of every two [map, other map],
 * image by image. Of maps of layers the last counts, of heads their mean.
 *
 * @property of names of the results
 */
@Serializable
@SerialName("mapAgreement")
public data class MapAgreementSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val of: List<String>,
) : AnalysisSpec {
    override val run: RunSpec get() = RunSpec.Clean

    override fun passes(contrasts: List<ContrastSpec>): List<Int> = emptyList()
}
