package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

// Analyses that build on others, or on no intervention at all.

/** How a ranking is read: which of its ends is the top. */
@Serializable
public enum class Order {
    /** The cells that change most, in either direction. */
    @SerialName("strongest")
    Strongest,

    /** The cells that raise the metric most. */
    @SerialName("highest")
    Highest,

    /** The cells that lower the metric most. */
    @SerialName("lowest")
    Lowest,
}

/**
 * Ablation of the top k heads of a ranking together, placed among as many random ones.
 *
 * Heads are chosen on one half of the groups of examples, and measured on the other, for several ways of splitting.
 *
 * @property ranking name of a result whose axes are layer and head
 * @property sizes the k
 * @property draws random orders of the heads, whose first ones are the random sets
 * @property run the run that is edited
 * @property splits ways of splitting the examples into halves
 * @property among where random heads are drawn from
 */
@Serializable
@SerialName("jointAblation")
public data class JointAblationSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val metric: MetricSpec,
    val ranking: String,
    val order: Order,
    val sizes: List<Int>,
    val draws: Int,
    val value: ValueSpec,
    override val run: RunSpec,
    val seed: Long,
    val splits: Int = 1,
    val among: Among = Among.SameLayers,
) : AnalysisSpec {
    override val callsScript: Boolean get() = metric.callsScript || value.callsScript

    /** Every example is measured in half of the splits, where sets of heads may be equal. */
    override fun passes(contrasts: List<ContrastSpec>): List<Int> {
        val lengths = contrasts.map { it.clean.length }
        val half = (lengths.size + 1) / 2
        val measured = List(splits) { if (it % 2 == 0) lengths.drop(half) else lengths.take(half) }.flatten()
        return List(sizes.size * (1 + draws)) { measured }.flatten()
    }

    override fun measure(experiment: ExperimentSpec): Measure = Measure.ChangeOf(metric)
}

/**
 * Ablation of heads two at a time: what each pair changes beyond the sum of what its two heads change alone.
 *
 * @property heads those that are paired, as the script names them; null if rankings choose them
 * @property rankings names of results whose axes are layer and head; their tops are taken in turns
 * @property top how many heads the rankings choose
 * @property run the run that is edited
 */
@Serializable
@SerialName("interaction")
public data class InteractionSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val metric: MetricSpec,
    val heads: List<HeadPlace>? = null,
    val rankings: List<String> = emptyList(),
    val order: Order = Order.Strongest,
    val top: Int = 0,
    val value: ValueSpec,
    override val run: RunSpec,
) : AnalysisSpec {
    override val callsScript: Boolean get() = metric.callsScript || value.callsScript

    override fun passes(contrasts: List<ContrastSpec>): List<Int> {
        val count = heads?.size ?: top
        return List(count * (count + 1) / 2) { contrasts.map { it.clean.length } }.flatten()
    }

    override fun measure(experiment: ExperimentSpec): Measure = Measure.ChangeOf(metric)
}

/** Attention head [head] of [layer], both counted from 0. */
@Serializable
public data class HeadPlace(
    val layer: Int,
    val head: Int,
)

/**
 * What [InteractionSpec]'s heads change when they are removed: beside the interactions, the numbers that these are made of.
 *
 * @property alone change by each head alone
 * @property together change by each pair, [head, other head]; on the diagonal the head alone
 */
@Serializable
public data class PairEffects(
    val alone: List<Double?>,
    val together: List<Double?>,
)

/**
 * What the model answers without any intervention, by group of examples: how often it prefers the answer to the foil in
 * the clean and in the corrupted prompt, how often it turns from the one to the other, and the shift of the logit
 * difference from the clean to the corrupted prompt.
 *
 * @property against groups that are controls: what each of them does to a question is subtracted from what every other group
 *   does to the same question
 */
@Serializable
@SerialName("behaviour")
public data class BehaviourSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val by: Grouping,
    val against: List<String> = emptyList(),
) : AnalysisSpec {
    override val run: RunSpec get() = RunSpec.Clean

    override val controlGroups: List<String> get() = against

    override val baseline: MetricSpec get() = MetricSpec.LogitDifference

    override fun passes(contrasts: List<ContrastSpec>): List<Int> = contrasts.flatMap { it.lengths }
}

/**
 * How much each head's output differs between the clean and the corrupted run: the norm, in the residual stream, of the
 * difference of its results at [place] of either prompt.
 */
@Serializable
@SerialName("headDifference")
public data class HeadDifferenceSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val place: PlaceSpec,
) : AnalysisSpec {
    override val run: RunSpec get() = RunSpec.Clean

    override fun passes(contrasts: List<ContrastSpec>): List<Int> = contrasts.flatMap { it.lengths }

    override fun measure(experiment: ExperimentSpec): Measure =
        Measure.Quantity("norm of the difference", ValueRange.NOT_NEGATIVE)
}

/** Lengths of the clean prompt and, if there is one, of the corrupted one. */
private val ContrastSpec.lengths: List<Int> get() = listOfNotNull(clean, corrupted).map { it.length }

/** Rank correlations (Spearman) of several results over the same cells, by the size of their mean effects. */
@Serializable
@SerialName("rankCorrelation")
public data class RankCorrelationSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val of: List<String>,
) : AnalysisSpec {
    override val run: RunSpec get() = RunSpec.Clean

    override fun passes(contrasts: List<ContrastSpec>): List<Int> = emptyList()
}

/**
 * A run with a known outcome, or a null to compare with, made at the cell of a sweep that changes most.
 *
 * @property kind which
 * @property cell index of that cell in the sweep's grid
 * @property expected the value that it must have; null if it is a null to compare with
 * @property perExample the sweep's metric, one per example; null if the control is undefined
 * @property deviation distance from [expected] of the value that is furthest from it, beside what rounding allows it
 * @property passed whether every value is the expected one within what rounding allows; null if nothing is expected
 * @property allowed what rounding allows the value of [deviation] to be off by, from [Result.rounding]
 */
@Serializable
public data class Control(
    val kind: ControlKind,
    val cell: Int,
    val expected: Double? = null,
    val perExample: List<Double?>,
    val mean: Double?,
    val ciLow: Double? = null,
    val ciHigh: Double? = null,
    val deviation: Double? = null,
    val passed: Boolean? = null,
    val allowed: Double? = null,
)

/** The kinds of [Control]. */
@Serializable
public enum class ControlKind {
    /** The run's own activations are put where they are: no change. */
    @SerialName("identity")
    Identity,

    /** The whole stream of the clean run is put into the other: the clean run's value. */
    @SerialName("fullStream")
    FullStream,

    /** What is put in comes from another example's run: what any clean activation does. */
    @SerialName("shuffledPairing")
    ShuffledPairing,

    /** The activation is moved as far, in a random direction: what any change of that size does. */
    @SerialName("randomDirection")
    RandomDirection,
}
