package dev.kausal.spec

import kotlinx.serialization.EncodeDefault
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/**
 * The metric of the clean prompt if only some edges carry what the model computes, and all others the corrupted run's
 * outputs.
 *
 * @property edges name of the result that ranks edges; null if [kept] says which are kept
 * @property kept names of the edges of a single circuit; null if they are ranked
 * @property sizes numbers of edges that are kept; null for [MIB_SHARES] of all
 * @property draws random circuits of each size
 * @property halves whether edges are ranked on one half of the examples' groups and measured on the other, both ways
 * @property completeness whether the model without the circuit's edges is measured too
 * @property minimality the circuit whose edges are taken out one at a time; null for none
 * @property consistent only edges are ranked whose mean has the same sign in at least this share of the bootstrap's draws of
 *   examples; null for all edges
 */
@Serializable
@SerialName("circuit")
@OptIn(ExperimentalSerializationApi::class)
public data class CircuitSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val metric: MetricSpec,
    val edges: String? = null,
    val kept: List<String>? = null,
    val sizes: List<Int>? = null,
    val select: EdgeOrder = EdgeOrder.Signed,
    val draws: Int = 0,
    val halves: Boolean = false,
    val seed: Long = 0,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val completeness: Boolean = false,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val minimality: MinimalitySpec? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val consistent: Double? = null,
) : AnalysisSpec {
    override val run: RunSpec get() = RunSpec.Clean

    override val edgeRanking: String? get() = edges

    override val callsScript: Boolean get() = metric.callsScript

    /** Both runs, one per size, order and random circuit, one per complement, and one per part that is taken out. */
    override fun passes(contrasts: List<ContrastSpec>): List<Int> {
        val number = sizes?.size ?: if (kept == null) MIB_SHARES.size else 1
        val orders = if (areas) EdgeOrder.entries.size else 1
        val complements = if (completeness) 1 + draws else 0
        val each = 2 + number * (orders + draws + complements) + (minimality?.parts ?: 0)
        return contrasts.flatMap { contrast -> List(each) { contrast.clean.length } }
    }

    /** Whether areas are computed, at [MIB_SHARES]. */
    val areas: Boolean get() = sizes == null && kept == null

    override fun measure(experiment: ExperimentSpec): Measure = Measure.Of(metric)

    /** Returns the sizes in a model with this [number] of edges, ascending. */
    public fun sizesOf(number: Int): List<Int> =
        kept?.let { listOf(it.size) } ?: sizes?.distinct()?.sorted() ?: MIB_SHARES.map { (it * number).toInt() }

    public companion object {
        /** Shares of a model's edges at which the MIB benchmark (Mueller et al. 2025) measures circuits. */
        public val MIB_SHARES: List<Double> = listOf(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
    }
}

/** Which edges a circuit keeps first. */
@Serializable
public enum class EdgeOrder {
    /** Those whose corruption moves the metric furthest from the clean run's to the corrupted run's. */
    @SerialName("signed")
    Signed,

    /** Those whose corruption moves it furthest, either way. */
    @SerialName("absolute")
    Absolute,

    /** From the logits upwards: the furthest, either way, among the edges into components that are already in. */
    @SerialName("greedy")
    Greedy,
}

/**
 * The circuit that is taken apart.
 *
 * @property size number of its edges, one of the sizes that are measured
 * @property by what is taken out
 * @property parts number of its parts, at most
 */
@Serializable
public data class MinimalitySpec(
    val size: Int,
    val by: CircuitPart,
    val parts: Int,
) {
    public companion object {
        /**
         * Edges of a circuit that are taken out one at a time; of larger ones, writers are. A run for each then costs no more
         * than a few exact edges per writer, and a page can still show them.
         */
        public const val MOST_EDGES: Int = 400
    }
}

/** What is taken out of a circuit. */
@Serializable
public enum class CircuitPart {
    /** One edge. */
    @SerialName("edge")
    Edge,

    /** All edges that start at one writer, which is the same as taking out the writer. */
    @SerialName("writer")
    Writer,
}
