package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/**
 * How well rankings of edges recover known ones: the receiver operating characteristic of each.
 *
 * @property of names of the results that rank edges
 * @property truth names of the known edges
 */
@Serializable
@SerialName("roc")
public data class RocSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val of: List<String>,
    val truth: List<String>,
) : AnalysisSpec {
    override val run: RunSpec get() = RunSpec.Clean

    override fun passes(contrasts: List<ContrastSpec>): List<Int> = emptyList()

    override fun measure(experiment: ExperimentSpec): Measure = Measure.Quantity(AREA, ValueRange.SHARE)

    public companion object {
        /** What the numbers of its result measure. */
        public const val AREA: String = "AUROC"
    }
}

/**
 * How well one ranking recovers the known edges.
 *
 * @property ranking name of the result that ranks edges
 * @property area area under the curve of [points], from (0, 0): the probability that a known edge has a larger absolute effect
 *   than another one, where equal effects count half
 * @property greedyArea the area as the MIB benchmark computes it, from circuits of [CircuitSpec.MIB_SHARES] of the edges, chosen from
 *   the logits upwards and without loose edges, with false positive rates over the last one; null if that is 0
 * @property edges number of edges of the model
 * @property first number of edges that must be kept to keep all known ones
 * @property points the rates at each threshold, the highest first; without those between two others on a horizontal or vertical line
 * @property missed known edges that are ranked no higher than some other edge, the lowest first
 * @property floor difference of effects that may be rounding, and counts as none; null in bundles that do not record it
 */
@Serializable
public data class RocRecord(
    val ranking: String,
    val area: Double,
    val greedyArea: Double? = null,
    val edges: Int,
    val first: Int,
    val points: List<RocPoint>,
    val missed: List<String>,
    val floor: Double? = null,
)

/**
 * The edges with at least one absolute effect.
 *
 * @property threshold that effect, in the units of the ranking
 * @property edges their number
 * @property tpr share of the known edges that are among them
 * @property fpr share of the other edges that are among them
 */
@Serializable
public data class RocPoint(
    val threshold: Double,
    val edges: Int,
    val tpr: Double,
    val fpr: Double,
)
