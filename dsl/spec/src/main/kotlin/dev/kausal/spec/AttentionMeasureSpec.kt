package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/** An analysis of attention patterns. */
@Serializable
public sealed interface AttentionAnalysisSpec : AnalysisSpec {
    /** Layers, ascending. */
    public val layers: List<Int>

    override val run: RunSpec get() = RunSpec.Clean
}

/**
 * Attention from one position to the patches of an image [layer, head, row, column].
 *
 * @property from the querying position; null for `[CLS]`, or for the mean over patches of a model without one
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
) : AttentionAnalysisSpec {
    override val examplesApart: Boolean get() = true
}

/** A measure of every head [layer, head], or of every layer [layer]. */
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
 * A number that describes the attention of a head.
 *
 * @property text its name in results, with its unit
 * @property perHead whether each head has a value, rather than each layer
 * @property range possible values
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

    /**
     * Mean cosine distance of all pairs of heads' maps: from `[CLS]` if there is one, else over all queries and keys.
     */
    @SerialName("diversity")
    Diversity("mean cosine distance of heads", perHead = false),

    /** Mean distance between a patch and the patches it attends to (Dosovitskiy et al. 2021). */
    @SerialName("distance")
    Distance("mean attention distance (patches)"),

    /** Row of the patch with the most attention from `[CLS]`. */
    @SerialName("peakRow")
    PeakRow("row of the strongest patch"),

    /** Column of the patch with the most attention from `[CLS]`. */
    @SerialName("peakColumn")
    PeakColumn("column of the strongest patch"),

    /** Share of the strongest patch in the attention from `[CLS]` to patches. */
    @SerialName("peak")
    Peak("share of the strongest patch", range = ValueRange.SHARE),

    /** 1 − entropy / ln patches of the attention from `[CLS]` to patches: 0 if uniform, 1 if one patch gets all. */
    @SerialName("concentration")
    Concentration("concentration on few patches", range = ValueRange.SHARE),

    /** Share of all attention that goes to `[CLS]`. */
    @SerialName("clsShare")
    ClsShare("attention to [CLS]", range = ValueRange.SHARE),

    /** Share of all attention that goes to separators. */
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
 * row, column]; for text [layer, query, key].
 *
 * @property discard fraction of each layer's weights, smallest first, that is dropped
 * @property residual whether half of the identity is added; without it, this is what tutorials call attention flow
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
) : AttentionAnalysisSpec {
    override val examplesApart: Boolean get() = true
}

/** How the heads of a layer are fused into one pattern. */
@Serializable
public enum class HeadFusion {
    @SerialName("mean")
    Mean,

    @SerialName("max")
    Max,

    @SerialName("min")
    Min,
}

/** Maximum flow from each input position to one position after the last layer (Abnar and Zuidema 2020). */
@Serializable
@SerialName("attentionFlow")
public data class AttentionFlowSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    override val layers: List<Int>,
    val to: PlaceSpec,
) : AttentionAnalysisSpec {
    override val examplesApart: Boolean get() = true
}

/**
 * Which heads attend alike over many images: pairwise similarity [head, other head], and, as a result named
 * `NAME.maps`, the mean map of each [head, row, column]. Heads are ordered by cluster.
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
 * Gradient-weighted attention (Chefer et al. 2021) over all layers: relevance to an output's logit, from `[CLS]` to
 * patches [row, column].
 *
 * @property output the output whose logit is explained
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

/** One of the model's outputs. */
@Serializable
public enum class OutputSpec {
    /** The example's answer. */
    @SerialName("answer")
    Answer,

    /** The largest output. */
    @SerialName("predicted")
    Predicted,
}
