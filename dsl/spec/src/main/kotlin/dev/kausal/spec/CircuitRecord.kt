package dev.kausal.spec

import kotlinx.serialization.EncodeDefault
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.Serializable

/**
 * The circuits of a result.
 *
 * @property edges number of edges of the model
 * @property sizes numbers of edges that were kept, one per cell
 * @property connected how many of these lie on a path from the embedding to the logits, one list per ranking
 * @property ranked edges in the order in which circuits keep them, the first [MOST], one list per ranking: of all examples, or
 *   of each half
 * @property random faithfulness (0 corrupted, 1 clean) of the random circuits [size, draw]; empty if there are none
 * @property without mean metric of the model without the edges of each circuit, by size; empty if it was not measured
 * @property leftOut how many edges were left out because their sign does not hold, one number per ranking; empty if all edges
 *   were ranked
 */
@Serializable
@OptIn(ExperimentalSerializationApi::class)
public data class CircuitRecord(
    val edges: Int,
    val sizes: List<Int>,
    val connected: List<List<Int>>,
    val ranked: List<List<String>>,
    val random: List<List<Double?>> = emptyList(),
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val without: List<Double?> = emptyList(),
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val leftOut: List<Int> = emptyList(),
) {
    public companion object {
        /** Most edges of a ranking that a result names. */
        public const val MOST: Int = 2000
    }
}

/**
 * What a circuit loses if one of its parts is taken out: changes of faithfulness. A part is judged by the interval of its change,
 * or by the mean change if there is none.
 *
 * @property size number of edges of the circuit
 * @property by what is taken out
 * @property faithfulness of the whole circuit
 * @property margin changes of faithfulness up to this size count as none
 * @property needed parts without which faithfulness falls by more than the margin
 * @property unneeded parts without which it stays within the margin
 * @property opposing parts without which it rises by more than the margin
 * @property undecided parts whose interval reaches across the margin
 */
@Serializable
public data class MinimalityRecord(
    val size: Int,
    val by: CircuitPart,
    val faithfulness: Double?,
    val margin: Double,
    val needed: List<String>,
    val unneeded: List<String>,
    val opposing: List<String>,
    val undecided: List<String>,
) {
    public companion object {
        /** Changes of faithfulness up to this size count as none, as in Wang et al. 2023. */
        public const val MARGIN: Double = 0.01
    }
}

/**
 * Means over examples of the examples' own ratios, where the result's `mean` is a ratio of means: arrays over cells.
 *
 * @property examples number of examples that have a ratio: in the others, clean and corrupted runs hardly differ
 * @property ciLow lower end of the confidence interval of [mean]; empty if there is none
 */
@Serializable
public data class ExampleRatios(
    val examples: Int,
    val mean: List<Double?>,
    val ciLow: List<Double?> = emptyList(),
    val ciHigh: List<Double?> = emptyList(),
)
