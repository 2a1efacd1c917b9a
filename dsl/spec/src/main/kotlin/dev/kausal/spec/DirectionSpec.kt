package dev.kausal.spec

import kotlinx.serialization.EncodeDefault
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/**
 * A direction at each of several hook points that separates two classes of prompts. It is fitted on all examples, for prompts of
 * other sets, and on each half of their groups, for the examples of the other half.
 *
 * @property vectors the activations that it is fitted to
 * @property fit how it is fitted
 * @property by what the examples of a group, which stay in one half, have in common
 * @property seed seed of the halves
 */
@Serializable
@SerialName("direction")
public data class DirectionSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val vectors: LabelledVectorsSpec,
    val fit: DirectionFit,
    val by: Grouping,
    val seed: Long,
) : AnalysisSpec {
    override val run: RunSpec get() = RunSpec.Clean

    override fun passes(contrasts: List<ContrastSpec>): List<Int> = vectors.passes(contrasts)

    override fun measure(experiment: ExperimentSpec): Measure = Measure.Quantity(SHARE)

    override fun examples(experiment: ExperimentSpec): List<ContrastSpec> =
        vectors.classes.examples(contrasts, experiment)

    public companion object {
        /** What the numbers of its result measure. */
        public const val SHARE: String = "held-out share of the fitted difference"
    }
}

/** Lengths of the passes over [contrasts]; another set is not counted. */
internal fun LabelledVectorsSpec.passes(contrasts: List<ContrastSpec>): List<Int> =
    contrasts.flatMap {
        listOfNotNull(it.clean, it.corrupted.takeIf { classes is ClassesSpec.Pairs })
    }.map { it.length }

/** How a direction is fitted. All are scaled to the difference of the classes' means along them. */
@Serializable
public enum class DirectionFit {
    /** The difference of the classes' means. */
    @SerialName("meanDifference")
    MeanDifference,

    /** The first principal component of the differences within contrasts, not centred. */
    @SerialName("principalDifference")
    PrincipalDifference,

    /** The first principal component of the activations. */
    @SerialName("principalComponent")
    PrincipalComponent,

    /** The weights of a logistic regression. */
    @SerialName("logistic")
    Logistic,
}

/** What a fitted direction is replaced by, as a control. */
@Serializable
public sealed interface DirectionControl {
    /** A random direction of the same length. */
    @Serializable
    @SerialName("random")
    public data class Random(
        val seed: Long,
    ) : DirectionControl

    /** A direction fitted in the same way after half of each class, or of the contrasts, is exchanged. */
    @Serializable
    @SerialName("shuffled")
    public data class Shuffled(
        val seed: Long,
    ) : DirectionControl
}

/** Unit of the strength of a direction. */
@Serializable
public enum class StrengthUnit {
    /** The difference of the classes' means along the direction. */
    @SerialName("difference")
    Difference,

    /** The mean norm of the activations that the direction was fitted to. */
    @SerialName("activationNorm")
    ActivationNorm,

    /** The units of the activations: the direction has norm 1. */
    @SerialName("absolute")
    Absolute,
}

/**
 * Fitted directions or trained subspaces, stored in a file of the bundle.
 *
 * @property file its path in the bundle, in safetensors: for each cell `NAME.L3` or `NAME.L3H5`, fitted on all examples, and the same
 *   name with `.half1` and `.half2`, fitted on a half; of subspaces of a higher rank, orthonormal vectors [rank, unit]
 * @property sha256 SHA-256 of the file
 * @property halves labels of the examples of each half
 * @property cells the directions, one for each cell of the result
 */
@Serializable
public data class DirectionRecord(
    val file: String,
    val sha256: String,
    val halves: List<List<String>>,
    val cells: List<FittedDirection>,
)

/**
 * A fitted direction or trained subspace.
 *
 * @property name name of its array
 * @property norm norm of the difference of the classes' means along it
 * @property activationNorm mean norm of the activations that it was fitted to
 * @property agreement cosine of the directions fitted on the two halves; of subspaces, the root mean square of the cosines of their
 *   principal angles
 */
@Serializable
@OptIn(ExperimentalSerializationApi::class)
public data class FittedDirection(
    val name: String,
    val norm: Double,
    val activationNorm: Double,
    @EncodeDefault(EncodeDefault.Mode.ALWAYS)
    val agreement: Double? = null,
)
