package dev.kausal.spec

import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/** What is to be computed: one result of the same [name] comes of each. */
@Serializable
public sealed interface AnalysisSpec {
    public val name: String

    /** Name of the [ContrastSetSpec] that it runs on. */
    public val contrasts: String

    /** Line in the script; null when the script gave none. */
    public val line: Int?
}

/** A metric for every cell of a grid of interventions; [cells] is row-major over [axes]. */
@Serializable
@SerialName("sweep")
public data class SweepSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val metric: MetricSpec,
    val axes: List<AxisSpec>,
    val cells: List<CellSpec>,
) : AnalysisSpec

/** Each component's share of the logit difference: Elhage et al. 2021; sums exactly to it. */
@Serializable
@SerialName("directLogitAttribution")
public data class AttributionSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val run: RunSpec = RunSpec.Clean,
) : AnalysisSpec

/**
 * Attention of the given layers: patterns or scores [layer, head, query, key], queries or keys [layer, head, position,
 * d_head].
 *
 * @property heads of each layer; null for all. Of keys, the heads that these heads read
 * @property meanOverHeads whether the mean over the heads stands in their place
 * @property meanOverLayers whether the mean over the layers stands in their place
 */
@Serializable
@SerialName("attention")
public data class AttentionSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val layers: List<Int>,
    val run: RunSpec = RunSpec.Clean,
    val heads: List<Int>? = null,
    val part: AttentionPart = AttentionPart.Pattern,
    val meanOverHeads: Boolean = false,
    val meanOverLayers: Boolean = false,
) : AnalysisSpec

/** What of attention is read. */
@Serializable
public enum class AttentionPart {
    /** Probabilities, each row over keys summing to 1. */
    @SerialName("pattern")
    Pattern,

    /** Before the softmax, scaled. */
    @SerialName("scores")
    Scores,

    /** Queries as they are projected. */
    @SerialName("queries")
    Queries,

    /** Keys as they are projected. */
    @SerialName("keys")
    Keys,

    /** Queries after their norm and rotation, and multiplied by the scale. */
    @SerialName("finalQueries")
    FinalQueries,

    /** Keys after their norm and rotation. */
    @SerialName("finalKeys")
    FinalKeys,
}

/** The residual stream after every layer, read through the final norm and the unembedding (nostalgebraist 2020). */
@Serializable
@SerialName("logitLens")
public data class LogitLensSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val top: Int,
    val run: RunSpec = RunSpec.Clean,
) : AnalysisSpec

/** Activations at one site, as they are. */
@Serializable
@SerialName("capture")
public data class CaptureSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val site: String,
    val run: RunSpec = RunSpec.Clean,
) : AnalysisSpec

/** A dimension of a grid. [name] is `layer`, `head`, `position`, `span` or the author's own. */
@Serializable
public data class AxisSpec(
    val name: String,
    val labels: List<String>,
)
