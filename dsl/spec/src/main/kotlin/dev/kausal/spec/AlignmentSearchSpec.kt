package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable
import kotlin.math.roundToInt

/**
 * Subspaces of activations at several hook points, trained by distributed alignment search (Geiger et al. 2023): the component of the
 * corrupted prompt (the base) is replaced by that of the clean one (the source), and the answer of the clean prompt is to become the
 * most likely one. Each subspace is trained on one half of the groups of contrasts and measured on the other.
 *
 * @property vectors the activations; both prompts of a contrast have equally many positions
 * @property training how each subspace is trained
 * @property by what the contrasts of a group, which stay in one half, have in common
 * @property seed seed of the halves and of the controls
 * @property draws number of random subspaces
 */
@Serializable
@SerialName("distributedAlignmentSearch")
public data class AlignmentSearchSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val vectors: LabelledVectorsSpec,
    val training: SubspaceTrainingSpec,
    val by: Grouping,
    val seed: Long,
    val draws: Int,
) : AnalysisSpec {
    override val run: RunSpec get() = RunSpec.Corrupted

    /** A control changes all weights. */
    override val needsWeightsInMemory: Boolean get() = true

    /** Returns the passes that read activations, and those of the trainings, whose backward pass counts as two forward ones. */
    override fun passes(contrasts: List<ContrastSpec>): List<Int> {
        val trained = vectors.points.size * TRAININGS * training.steps * minOf(training.batch, contrasts.size)
        val mean = contrasts.map { (it.corrupted ?: it.clean).length }.average()
        return vectors.passes(contrasts) + List(trained * (1 + BACKWARD)) { mean.roundToInt() }
    }

    override fun measure(experiment: ExperimentSpec): Measure = Measure.Quantity(ACCURACY, ValueRange.SHARE)

    public companion object {
        /** What the numbers of its first two results measure. */
        public const val ACCURACY: String = "interchange intervention accuracy"

        /** What those of its third result measure. */
        public const val DIFFERENCE: String = "logit difference after the interchange"

        /** Trainings of a hook point: on all contrasts and each half; each half with arbitrary labels and random weights. */
        private const val TRAININGS = 7

        private const val BACKWARD = 2
    }
}

/**
 * How a subspace is trained, by Adam.
 *
 * @property rank number of dimensions
 * @property steps number of steps
 * @property batch number of contrasts of a step; all of the half if it has fewer
 * @property learningRate step size at the first step; it falls linearly towards 0
 */
@Serializable
public data class SubspaceTrainingSpec(
    val rank: Int,
    val steps: Int,
    val batch: Int,
    val learningRate: Double,
)

/**
 * What is exchanged between the runs of a contrast.
 *
 * @property label name on an axis
 */
@Serializable
public enum class Swap(
    public val label: String,
) {
    /** The trained subspace. */
    @SerialName("trained")
    Trained("trained"),

    /** A subspace trained after answer and foil are exchanged in half of the contrasts, measured on labels exchanged alike. */
    @SerialName("arbitraryLabels")
    ArbitraryLabels("arbitrary labels"),

    /** The subspace of [ArbitraryLabels], measured on the true labels. */
    @SerialName("arbitraryOnTrue")
    ArbitraryOnTrue("arbitrary labels, on true ones"),

    /** A subspace trained and measured in a model of the same shape with random weights. */
    @SerialName("randomWeights")
    RandomWeights("random weights"),

    /** Random subspaces of the same rank; the mean over draws. */
    @SerialName("randomSubspace")
    RandomSubspace("random subspace"),

    /** The whole activation. */
    @SerialName("wholeActivation")
    WholeActivation("whole activation"),

    /** Nothing. */
    @SerialName("none")
    None("no swap"),
    ;

    /** Whether the trained subspace must exceed it, or else its accuracy is no evidence of a variable of the model. */
    public val isControl: Boolean get() = this in setOf(ArbitraryLabels, RandomWeights, RandomSubspace)
}

/**
 * Interchange intervention accuracy beside its controls: lists over cells.
 *
 * @property rank rank of the subspaces
 * @property swaps the accuracy of each [Swap]
 * @property losses mean loss of the last tenth of the steps of the training on all contrasts, in nats
 */
@Serializable
public data class AlignmentRecord(
    val rank: Int,
    val swaps: List<SwapRecord>,
    val losses: List<Double>,
)

/**
 * The accuracy of a [swap]: lists over cells.
 *
 * @property mean on held-out contrasts
 * @property fitted on the contrasts that the subspace was trained on; null for one that is not trained
 * @property gainLow lower end of the interval of the trained subspace's accuracy minus this one's, paired by contrast;
 *   null if there is none
 * @property gainHigh upper end of the same interval
 */
@Serializable
public data class SwapRecord(
    val swap: Swap,
    val mean: List<Double?>,
    val fitted: List<Double>? = null,
    val gainLow: List<Double?>,
    val gainHigh: List<Double?>,
)
