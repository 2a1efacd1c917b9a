package dev.kausal.spec

import kotlinx.serialization.EncodeDefault
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

// Analyses that build on others, or need no intervention.

/** Which end of a ranking is its top. */
@Serializable
public enum class Order {
    /** Cells with the largest change, in either direction, first. */
    @SerialName("strongest")
    Strongest,

    /** Cells that raise the metric most first. */
    @SerialName("highest")
    Highest,

    /** Cells that lower the metric most first. */
    @SerialName("lowest")
    Lowest,
}

/**
 * Joint ablation of the top k heads of a ranking, compared with random sets of equally many.
 *
 * Heads are chosen on one half of the groups of examples and measured on the other, for several splits.
 *
 * @property ranking name of a result whose axes are layer and head
 * @property sizes values of k
 * @property draws number of random orders of the heads, whose first heads form the random sets
 * @property run the run that is edited
 * @property splits number of splits of the examples into halves
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

    /** Returns lengths of passes: every example is measured in half of the splits, in which sets may coincide. */
    override fun passes(contrasts: List<ContrastSpec>): List<Int> {
        val lengths = contrasts.map { it.clean.length }
        val half = (lengths.size + 1) / 2
        val measured = List(splits) { if (it % 2 == 0) lengths.drop(half) else lengths.take(half) }.flatten()
        return List(sizes.size * (1 + draws)) { measured }.flatten()
    }

    override fun measure(experiment: ExperimentSpec): Measure = Measure.ChangeOf(metric)
}

/**
 * Ablation of pairs of heads: the change by each pair beyond the sum of the changes by its two heads alone.
 *
 * @property heads heads to pair, as named by the script; null if rankings choose them
 * @property rankings names of results with axes layer and head; their top heads are taken in turn
 * @property top number of heads that the rankings choose
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
 * The changes behind an [InteractionSpec]'s interactions, by removed heads.
 *
 * @property alone change by each head alone
 * @property together change by each pair [head, other head]; on the diagonal, by the head alone
 */
@Serializable
public data class PairEffects(
    val alone: List<Double?>,
    val together: List<Double?>,
)

/**
 * The model's unedited answers, by group of examples: how often it prefers the answer to the foil in the clean and in
 * the corrupted prompt, how often its preference flips from one to the other, and the shift of the logit difference
 * from the clean to the corrupted prompt.
 *
 * @property against control groups: the effect of each on a question is subtracted from that of every other group on
 *   the same question
 * @property metric difference of answer and foil, whose sign is the preference
 */
@Serializable
@SerialName("behaviour")
@OptIn(ExperimentalSerializationApi::class)
public data class BehaviourSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val by: Grouping,
    val against: List<String> = emptyList(),
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val metric: MetricSpec = MetricSpec.LogitDifference,
) : AnalysisSpec {
    override val run: RunSpec get() = RunSpec.Clean

    override val controlGroups: List<String> get() = against

    override val baseline: MetricSpec get() = metric

    override fun passes(contrasts: List<ContrastSpec>): List<Int> = contrasts.flatMap { it.lengths }
}

/**
 * Difference of each head's output between the clean and the corrupted run: the norm, in the residual stream, of the
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

/** The lengths of the clean prompt and, if there is one, of the corrupted prompt. */
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
 * A run with a known outcome, or a null comparison, at the cell of a sweep with the largest change.
 *
 * @property kind kind of control
 * @property cell index of that cell in the sweep's grid
 * @property expected value that it must have; null for a null comparison
 * @property perExample the sweep's metric, one per example; null if the control is undefined
 * @property deviation distance from [expected] of the value furthest from it, relative to what rounding allows
 * @property passed whether every value equals the expected one within rounding; null if nothing is expected
 * @property allowed deviation that rounding allows for that value, from [Result.rounding]
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

/** Kinds of [Control]. */
@Serializable
public enum class ControlKind {
    /** The run's own activations are patched in: no change. */
    @SerialName("identity")
    Identity,

    /** The clean run's whole stream is patched into the other run: the clean run's value. */
    @SerialName("fullStream")
    FullStream,

    /** The patch comes from another example's run: the effect of any clean activation. */
    @SerialName("shuffledPairing")
    ShuffledPairing,

    /** The activation is moved equally far in a random direction: the effect of any change of that size. */
    @SerialName("randomDirection")
    RandomDirection,
}
