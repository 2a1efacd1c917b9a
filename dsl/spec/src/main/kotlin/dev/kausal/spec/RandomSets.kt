package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/** Heads that random sets are drawn from. */
@Serializable
public enum class Among {
    /** The layers of the chosen heads, equally many from each. */
    @SerialName("sameLayers")
    SameLayers,

    /** All heads of the model. */
    @SerialName("anyLayers")
    AnyLayers,
}

/**
 * The random sets of heads that chosen sets are compared with.
 *
 * A draw is an order of all heads. In each split, its set consists of the first heads in that order, from the same
 * layers as the chosen heads or from any; chosen heads are not excluded. If the ranking itself is such a random order,
 * its sets are exchangeable with those of the draws.
 *
 * @property draws number of random orders
 * @property among where random heads come from
 * @property splits number of splits of the examples into those that choose and those that are measured
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
 * One split: heads chosen on some examples and measured on the others.
 *
 * @property measured rows of the result's examples that were measured
 * @property chosen heads as `layer.head`, highest in the ranking first, as many as the largest set has
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
 * @property asFar number of draws at least as far from the overall mean as the chosen sets
 * @property possible number of different possible draws; infinity is written as the largest number
 */
@Serializable
public data class RandomSetsOfSize(
    val heads: Int,
    val chosen: Double,
    val changes: List<Double>,
    val asFar: Int,
    val possible: Double,
)
