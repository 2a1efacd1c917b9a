package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/**
 * How many heads two rankings have in common at their tops, against rankings that are random within each layer.
 *
 * @property of the two results that rank
 * @property tops numbers of heads
 * @property order which end of the rankings is their top
 */
@Serializable
@SerialName("overlap")
public data class OverlapSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val of: List<String>,
    val tops: List<Int>,
    val order: Order = Order.Strongest,
) : AnalysisSpec {
    override val run: RunSpec get() = RunSpec.Clean

    override fun passes(contrasts: List<ContrastSpec>): List<Int> = emptyList()

    override fun measure(experiment: ExperimentSpec): Measure =
        Measure.Quantity("share of the top heads", ValueRange.SHARE)
}

/**
 * Heads that the tops of two rankings have in common.
 *
 * @property top heads in each top
 * @property shared how many of them are in both
 * @property expected mean number under chance: as many heads of each layer, but any of it
 * @property high the smallest number that chance exceeds in at most 5 of 100 cases
 * @property p probability of [shared] or more under chance, exact
 */
@Serializable
public data class OverlapRecord(
    val top: Int,
    val shared: Int,
    val expected: Double,
    val high: Int,
    val p: Double,
)
