package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/**
 * Agreement of maps on the patches of the same images: Spearman's rank correlation of every pair [map, other map],
 * image by image. Maps by layer use the last one, maps by head their mean.
 *
 * @property of names of the compared results
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
