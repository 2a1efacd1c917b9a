package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/** What is made of attention patterns. */
@Serializable
public sealed interface AttentionAnalysisSpec : AnalysisSpec {
    /** Ascending. */
    public val layers: List<Int>

    override val run: RunSpec get() = RunSpec.Clean
}

/**
 * Attention from one position to the patches of an image [layer, head, row, column].
 *
 * @property from the position; null for `[CLS]`, or the mean over patches of a model without one
 */
@Serializable
@SerialName("attentionMaps")
public data class AttentionMapsSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    override val layers: List<Int>,
    val heads: List<Int>? = null,
    val from: PlaceSpec? = null,
    val meanOverHeads: Boolean = false,
) : AttentionAnalysisSpec

/** A number of every head [layer, head], or of every layer [layer]. */
@Serializable
@SerialName("attentionMeasure")
public data class AttentionMeasureSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    override val layers: List<Int>,
    val measure: AttentionMeasure,
) : AttentionAnalysisSpec {
    override fun measure(experiment: ExperimentSpec): Measure = Measure.Quantity(measure.text, measure.range)
}

/**
 * A number that describes how a head looks.
 *
 * @property text what results call it, with its unit
 * @property perHead whether each head has one; else each layer
 * @property range the values that it can have
 */
@Serializable
public enum class AttentionMeasure(
    public val text: String,
    public val perHead: Boolean = true,
    public val range: ValueRange = ValueRange.NOT_NEGATIVE,
) {
    /** Entropy over keys, mean over queries. */
    @SerialName("entropy")
    Entropy("attention entropy (nats)"),

    /** Mean cosine distance of all pairs of heads' maps: from `[CLS]`, else over all queries and keys. */
    @SerialName("diversity")
    Diversity("mean cosine distance of heads", perHead = false),

    /** Mean distance between a patch and where it looks (Dosovitskiy et al. 2021). */
    @SerialName("distance")
    Distance("mean attention distance (patches)"),

    /** Row of the patch that `[CLS]` looks at most. */
    @SerialName("peakRow")
    PeakRow("row of the strongest patch"),

    /** Column of the patch that `[CLS]` looks at most. */
    @SerialName("peakColumn")
    PeakColumn("column of the strongest patch"),

    /** The strongest patch's part of what `[CLS]` gives to patches. */
    @SerialName("peak")
    Peak("share of the strongest patch", range = ValueRange.SHARE),

    /** 1 − entropy / ln patches of what `[CLS]` gives to patches: 0 if it is even, 1 if one gets all. */
    @SerialName("concentration")
    Concentration("concentration on few patches", range = ValueRange.SHARE),

    /** The part of all attention that `[CLS]` gets. */
    @SerialName("clsShare")
    ClsShare("attention to [CLS]", range = ValueRange.SHARE),

    /** The part of all attention that separators get. */
    @SerialName("separatorShare")
    SeparatorShare("attention to [SEP]", range = ValueRange.SHARE),

    /** Attention to the previous token, mean over tokens that have one. */
    @SerialName("previousToken")
    PreviousToken("attention to the previous token", range = ValueRange.SHARE),

    /** Attention to earlier occurrences of the same token, mean over tokens that have one. */
    @SerialName("duplicateToken")
    DuplicateToken("attention to earlier occurrences of the token", range = ValueRange.SHARE),

    /** Attention to tokens after earlier occurrences of the same token, mean over tokens that have one. */
    @SerialName("induction")
    Induction("attention to the token after an earlier occurrence", range = ValueRange.SHARE),
}

/**
 * Attention multiplied through the layers (Abnar and Zuidema 2020), after each of them: from `[CLS]` to patches [layer,
 * row, column]; of a text [layer, query, key].
 *
 * @property discard which part of each layer's weights, the smallest, is left out
 * @property residual whether half of the identity is mixed in; without it, this is what tutorials call attention flow
 */
@Serializable
@SerialName("rollout")
public data class RolloutSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    override val layers: List<Int>,
    val fusion: HeadFusion = HeadFusion.Mean,
    val discard: Double = 0.0,
    val residual: Boolean = true,
) : AttentionAnalysisSpec

/** How the heads of a layer become one pattern. */
@Serializable
public enum class HeadFusion {
    @SerialName("mean")
    Mean,

    @SerialName("max")
    Max,

    @SerialName("min")
    Min,
}

/** The most that flows from each position of the input to one after the last layer (Abnar and Zuidema 2020). */
@Serializable
@SerialName("attentionFlow")
public data class AttentionFlowSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    override val layers: List<Int>,
    val to: PlaceSpec,
) : AttentionAnalysisSpec

/**
 * Which heads look alike over many images: similarity of every two [head, other head], and, as a result called
 * `NAME.maps`, the mean map of each [head, row, column]. Heads stand in the order of their clusters.
 */
@Serializable
@SerialName("specialisation")
public data class SpecialisationSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    override val layers: List<Int>,
    val clusters: Int,
) : AttentionAnalysisSpec

/**
 * Attention weighted by gradients (Chefer et al. 2021), all layers: what counts for an output's logit, from `[CLS]` to the
 * patches [row, column].
 *
 * @property output whose logit it is
 */
@Serializable
@SerialName("gradientAttention")
public data class GradientAttentionSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    override val layers: List<Int>,
    val output: OutputSpec,
) : AttentionAnalysisSpec

/** Which of the model's outputs. */
@Serializable
public enum class OutputSpec {
    /** The example's answer. */
    @SerialName("answer")
    Answer,

    /** The largest. */
    @SerialName("predicted")
    Predicted,
}
