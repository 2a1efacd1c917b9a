package dev.kausal.spec

import kotlinx.serialization.EncodeDefault
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/**
 * A sparse dictionary that an experiment reads: an autoencoder of one hook point, or a transcoder.
 *
 * @property ref the script's reference
 * @property layout whose files it has, such as `SAELens`
 * @property encoding how features activate, such as `JumpReLU`
 * @property site hook point that it reads
 * @property writes hook point that a transcoder reconstructs; null for an autoencoder
 * @property inputs numbers per position that it reads
 * @property features number of features
 * @property sha256 SHA-256 of its file of weights
 * @property notes caveats, as sentences
 * @property scan name by which viewers know the set of transcoders that it belongs to
 */
@Serializable
@OptIn(ExperimentalSerializationApi::class)
public data class DictionarySpec(
    val ref: String,
    val layout: String,
    val encoding: String,
    val site: String,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val writes: String? = null,
    val inputs: Int,
    val features: Int,
    val sha256: String,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val notes: List<String> = emptyList(),
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val scan: String? = null,
) {
    /** Bytes of its weights in memory, as float32. */
    val bytes: Long get() = 2L * Float.SIZE_BYTES * inputs * features

    /** Its kind in running text. */
    val kind: String get() = if (writes == null) "autoencoder" else "transcoder"
}

/**
 * The activations of a dictionary's strongest features: of each example, the largest over its positions.
 *
 * @property dictionary number of the dictionary in [ExperimentSpec.dictionaries]
 * @property top number of features, by the mean of that over examples
 * @property only features to read in place of the strongest; null for these
 * @property strongest number of tokens that are shown of each feature
 * @property skip first positions that are left out
 */
@Serializable
@SerialName("featureActivations")
public data class FeatureActivationsSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    override val run: RunSpec = RunSpec.Clean,
    val dictionary: Int,
    val top: Int,
    val only: List<Int>? = null,
    val strongest: Int,
    val skip: Int = 0,
) : AnalysisSpec {
    /** Number of features in the result. */
    val count: Int get() = only?.size ?: top

    /** A reading, and three passes for losses. */
    override fun passes(contrasts: List<ContrastSpec>): List<Int> =
        contrasts.flatMap { contrast -> List(PASSES) { contrast.clean.length } }

    override fun measure(experiment: ExperimentSpec): Measure =
        Measure.Quantity("largest activation", ValueRange.NOT_NEGATIVE)

    private companion object {
        const val PASSES = 4
    }
}

/**
 * How much each feature of a dictionary adds to a metric to first order: its activation times the gradient along its direction, summed
 * over positions.
 *
 * @property dictionary number of the dictionary in [ExperimentSpec.dictionaries]
 * @property top number of features, by the size of their mean over examples
 * @property skip first positions that are left out
 */
@Serializable
@SerialName("featureAttribution")
public data class FeatureAttributionSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    override val run: RunSpec = RunSpec.Clean,
    val dictionary: Int,
    val metric: MetricSpec,
    val top: Int,
    val skip: Int = 0,
) : AnalysisSpec {
    /** A reading, a recorded pass, and its backward pass, which counts as two. */
    override fun passes(contrasts: List<ContrastSpec>): List<Int> =
        contrasts.flatMap { contrast -> List(PASSES) { contrast.clean.length } }

    override fun measure(experiment: ExperimentSpec): Measure = Measure.Quantity("attribution of ${metric.text}")

    private companion object {
        const val PASSES = 4
    }
}

/**
 * What a dictionary finds in the inputs of a result, and how well it reconstructs them.
 *
 * @property dictionary number of the dictionary in [ExperimentSpec.dictionaries]
 * @property positions number of positions that were read
 * @property active mean number of active features per position (L0)
 * @property meanSquaredError mean over positions and entries of the squared error of the reconstruction
 * @property explained share of the variance around the mean activation that the reconstruction explains; null if there is none
 * @property features the features of the result's axis, in its order
 * @property loss what its reconstruction does to predictions; null if it was not measured
 */
@Serializable
@OptIn(ExperimentalSerializationApi::class)
public data class DictionaryUse(
    val dictionary: Int,
    val positions: Int,
    val active: Double,
    val meanSquaredError: Double,
    val explained: Double? = null,
    val features: List<FeatureRecord> = emptyList(),
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val loss: LossRecord? = null,
)

/**
 * Mean next-token losses with and without a dictionary's reconstruction in place of what it reconstructs, in nats.
 *
 * @property clean of the model as it is
 * @property spliced with the reconstruction
 * @property zeroed with zeros
 * @property tokens number of predicted tokens
 */
@Serializable
public data class LossRecord(
    val clean: Double,
    val spliced: Double,
    val zeroed: Double,
    val tokens: Int,
) {
    /** Share of the loss by zeros that the reconstruction recovers: 1 for the model's own, 0 for that of zeros; null if these are equal. */
    val recovered: Double? get() = if (zeroed == clean) null else (zeroed - spliced) / (zeroed - clean)
}

/**
 * Where one feature is active.
 *
 * @property share share of positions where it is active
 * @property strongest tokens with the largest activations, at most one of each example
 */
@Serializable
public data class FeatureRecord(
    val feature: Int,
    val share: Double,
    val strongest: List<ActiveToken> = emptyList(),
)

/**
 * A token with the activation of a feature.
 *
 * @property example label of the example
 * @property position position in its prompt, from 0
 */
@Serializable
public data class ActiveToken(
    val example: String,
    val position: Int,
    val token: String,
    val activation: Double,
)
