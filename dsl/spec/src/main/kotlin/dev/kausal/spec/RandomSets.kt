package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/** Where random heads are drawn from. */
@Serializable
public enum class Among {
    /** As many of each layer as the chosen heads have there. */
    @SerialName("sameLayers")
    SameLayers,

    /** All heads of the model. */
    @SerialName("anyLayers")
    AnyLayers,
}

/**
 * The random sets of heads that chosen ones are placed among.
 *
 * A draw is an order of all heads. In each split, its set is the first heads by that order, from the same layers as the
 * chosen heads or from any; chosen heads are not left out. If the ranking is such an order itself, nothing tells its sets
 * from a draw's.
 *
 * @property draws random orders
 * @property among where their heads come from
 * @property splits ways of splitting the examples into those that choose and those that are measured
 * @property sizes one per number of heads
 */
@Serializable
public data class RandomSets(
    val draws: Int,
    val among: Among,
    val splits: List<ChoosingSplit>,
    val sizes: List<RandomSetsOfSize>,
)

/**
 * One way of choosing heads on some examples and measuring them on the others.
 *
 * @property measured rows of the result's examples that did not choose
 * @property chosen heads as `layer.head`, the first of the ranking first, as many as the largest set has
 * @property changes mean change over the measured examples by the chosen heads, per size
 */
@Serializable
public data class ChoosingSplit(
    val measured: List<Int>,
    val chosen: List<String>,
    val changes: List<Double?>,
)

/**
 * Chosen and random sets of one size.
 *
 * @property heads number of heads in a set
 * @property chosen mean change by the chosen sets
 * @property changes mean change by each draw's sets
 * @property asFar draws at least as far from the mean of all as the chosen sets
 * @property possible different draws that there can be; infinity is written as the largest number
 */
@Serializable
public data class RandomSetsOfSize(
    val heads: Int,
    val chosen: Double,
    val changes: List<Double>,
    val asFar: Int,
    val possible: Double,
)
