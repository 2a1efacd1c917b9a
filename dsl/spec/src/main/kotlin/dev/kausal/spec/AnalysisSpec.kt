package dev.kausal.spec

import kotlinx.serialization.EncodeDefault
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/** An analysis to compute; it yields at least one result, the first of the same [name]. */
@Serializable
public sealed interface AnalysisSpec {
    public val name: String

    /** Name of the [ContrastSetSpec] that it runs on. */
    public val contrasts: String

    /** Line in the script; null if unknown. */
    public val line: Int?

    /** The unedited run that it reads, or that its edits apply to. */
    public val run: RunSpec

    /**
     * Returns the lengths of the whole forward passes that it needs on [contrasts], at most; a plan counts cells of
     * sweeps.
     */
    public fun passes(contrasts: List<ContrastSpec>): List<Int> = contrasts.map { it.clean.length }

    /** Its choices from the tops of other results, which are known once those have run. */
    public val choices: List<ChoiceSpec> get() = emptyList()

    /** Groups of examples that serve as controls. */
    public val controlGroups: List<String> get() = emptyList()

    /** Name of the result whose edges it ranks; null if it ranks none. */
    public val edgeRanking: String? get() = null

    /** Whether its edges give each query head keys and values of its own, although heads share them. */
    public val edgesPerQueryHead: Boolean get() = false

    /** Whether it calls functions of the script. */
    public val callsScript: Boolean get() = false

    /** Whether it needs all weights in memory, so that layers cannot be read from their file as passes reach them. */
    public val needsWeightsInMemory: Boolean get() = false

    /** Whether it reads each example alone, so that several processes can divide them. */
    public val examplesApart: Boolean get() = false

    /** Metric of its result's unedited runs; null if it is that of the cells. */
    public val baseline: MetricSpec? get() = null

    /** Returns what its result measures; null if only the result's own text says it. */
    public fun measure(experiment: ExperimentSpec): Measure? = null

    /** Returns the examples of [experiment] that are rows of its result. */
    public fun examples(experiment: ExperimentSpec): List<ContrastSpec> = experiment.contrastsOf(this)
}

/** Returns the contrasts that [analysis] runs on. */
public fun ExperimentSpec.contrastsOf(analysis: AnalysisSpec): List<ContrastSpec> =
    contrasts.first { it.name == analysis.contrasts }.contrasts

/**
 * A metric for every cell of a grid of interventions; [cells] is row-major over [axes].
 *
 * @property by how cells are estimated; null if they are computed
 * @property exact which cells of an estimated sweep are computed too; null for none
 * @property screen which cells are computed again in float32 after bfloat16; null if all are in the run's precision
 */
@Serializable
@SerialName("sweep")
@OptIn(ExperimentalSerializationApi::class)
public data class SweepSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val metric: MetricSpec,
    val axes: List<AxisSpec>,
    val cells: List<CellSpec>,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val by: EstimateSpec? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val exact: ScreeningSpec? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val screen: Bfloat16ScreenSpec? = null,
) : AnalysisSpec {
    /** The run that the first cell edits. */
    override val run: RunSpec get() = cells.firstOrNull()?.run ?: RunSpec.Clean

    override val choices: List<ChoiceSpec> get() = cells.flatMap { it.choices }.distinct()

    override val callsScript: Boolean
        get() = metric.callsScript || cells.any { cell -> cell.edits.any { it.value.callsScript } }

    /**
     * Returns no passes of a computed sweep; of an estimated one, those of unedited runs, of gradients, whose backward pass
     * counts as two forward ones, and of the cells that are computed too.
     */
    override fun passes(contrasts: List<ContrastSpec>): List<Int> {
        val by = by ?: return emptyList()
        val runs = cells.map { it.run }.distinct().sumOf { it.draws }
        val exact = exact?.let { minOf(it.top + it.sample, cells.size) } ?: 0
        val each = 2 + runs * (1 + BACKWARD * by.passes) + exact
        return contrasts.flatMap { contrast -> List(each) { contrast.clean.length } }
    }

    override fun measure(experiment: ExperimentSpec): Measure =
        if (by?.unsigned == true) Measure.SizeOf(metric) else Measure.Of(metric)

    private companion object {
        /** Cost of a recorded forward pass with its backward pass, in forward passes. */
        const val BACKWARD = 3
    }
}

/** Each component's share of the logit difference (Elhage et al. 2021); shares sum to it exactly. */
@Serializable
@SerialName("directLogitAttribution")
public data class AttributionSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    override val run: RunSpec = RunSpec.Clean,
) : AnalysisSpec {
    override fun measure(experiment: ExperimentSpec): Measure = Measure.Of(MetricSpec.LogitDifference)
}

/**
 * Attention of the given layers: patterns or scores [layer, head, query, key], queries or keys [layer, head, position,
 * d_head].
 *
 * @property heads heads of each layer; null for all. For keys, the heads that these read
 * @property meanOverHeads whether heads are averaged
 * @property meanOverLayers whether layers are averaged
 * @property choice if not null, the layers, in place of [layers]
 */
@Serializable
@SerialName("attention")
public data class AttentionSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val layers: List<Int>,
    override val run: RunSpec = RunSpec.Clean,
    val heads: List<Int>? = null,
    val part: AttentionPart = AttentionPart.Pattern,
    val meanOverHeads: Boolean = false,
    val meanOverLayers: Boolean = false,
    val choice: ChoiceSpec? = null,
) : AnalysisSpec {
    override val examplesApart: Boolean get() = true

    override val choices: List<ChoiceSpec> get() = listOfNotNull(choice)
}

/** Which part of attention is read. */
@Serializable
public enum class AttentionPart {
    /** Probabilities, each row over keys summing to 1. */
    @SerialName("pattern")
    Pattern,

    /** Before the softmax, scaled. */
    @SerialName("scores")
    Scores,

    /** Projected queries. */
    @SerialName("queries")
    Queries,

    /** Projected keys. */
    @SerialName("keys")
    Keys,

    /** Queries after norm, rotation and scaling. */
    @SerialName("finalQueries")
    FinalQueries,

    /** Keys after norm and rotation. */
    @SerialName("finalKeys")
    FinalKeys,
}

/**
 * The residual stream after every layer, read through the final norm and the unembedding (nostalgebraist 2020).
 *
 * @property tokens whose logits, probabilities and ranks are results of their own
 */
@Serializable
@SerialName("logitLens")
public data class LogitLensSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val top: Int,
    override val run: RunSpec = RunSpec.Clean,
    val tokens: List<TokenSpec> = emptyList(),
) : AnalysisSpec

/** Unmodified activations at one site. */
@Serializable
@SerialName("capture")
public data class CaptureSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    val site: String,
    override val run: RunSpec = RunSpec.Clean,
) : AnalysisSpec {
    override val examplesApart: Boolean get() = true

    override fun passes(contrasts: List<ContrastSpec>): List<Int> =
        List(run.draws) { contrasts.map { it.clean.length } }.flatten()
}

/** A dimension of a grid. [name] is `layer`, `head`, `position`, `span` or chosen by the script. */
@Serializable
public data class AxisSpec(
    val name: String,
    val labels: List<String>,
)
