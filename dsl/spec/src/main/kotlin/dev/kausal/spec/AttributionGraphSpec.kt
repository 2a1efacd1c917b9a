package dev.kausal.spec

import kotlinx.serialization.EncodeDefault
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/**
 * The attribution graph of each prompt: direct effects between features of transcoders, tokens and logits in the local replacement
 * model (Ameisen et al. 2025).
 *
 * @property transcoders numbers of the transcoders in [ExperimentSpec.dictionaries], by layer
 * @property maxFeatures most features that are nodes, before pruning
 * @property maxLogits most tokens whose logits are nodes
 * @property probability logits are the fewest tokens that have this probability together
 * @property step features that are added before influences are computed again
 * @property skip first positions whose features and errors are left out
 * @property nodeThreshold share of all influence that the nodes have that pruning keeps
 * @property edgeThreshold share of what edges carry that those have that pruning keeps
 */
@Serializable
@SerialName("attributionGraph")
public data class AttributionGraphSpec(
    override val name: String,
    override val contrasts: String,
    override val line: Int? = null,
    override val run: RunSpec = RunSpec.Clean,
    val transcoders: List<Int>,
    val maxFeatures: Int,
    val maxLogits: Int,
    val probability: Double,
    val step: Int,
    val skip: Int,
    val nodeThreshold: Double,
    val edgeThreshold: Double,
) : AnalysisSpec {
    /** All backward passes go through one recording, which holds the weights. */
    override val needsWeightsInMemory: Boolean get() = true

    /** At most one backward pass per node, of two passes each, beside two forward passes. */
    override fun passes(contrasts: List<ContrastSpec>): List<Int> =
        contrasts.flatMap { contrast ->
            val length = (if (run == RunSpec.Corrupted) contrast.corrupted else contrast.clean)?.length ?: 0
            List(2 + 2 * (maxFeatures + maxLogits)) { length }
        }

    override fun measure(experiment: ExperimentSpec): Measure = Measure.Quantity(SCORES, ValueRange.SHARE)

    public companion object {
        /** What its result measures. */
        public const val SCORES: String = "score of the graph"

        /** Cells of its result. */
        public val CELLS: List<String> = listOf("replacement", "completeness")
    }
}

/**
 * The attribution graph of one prompt, pruned.
 *
 * @property active number of active features of the prompt
 * @property expanded number of these that were nodes before pruning
 * @property nodes its nodes; tokens and logits are always kept
 * @property links its edges
 * @property replacement influence of tokens divided by that of tokens and errors, before pruning
 * @property completeness share of what enters the nodes that does not come from errors, weighted by influence, before pruning
 * @property scan name of the transcoders, by which viewers look up what features stand for
 * @property nodeThreshold share of all influence that pruning keeps
 */
@Serializable
public data class FeatureGraphRecord(
    val active: Int,
    val expanded: Int,
    val nodes: List<FeatureNode>,
    val links: List<FeatureLink>,
    val replacement: Double,
    val completeness: Double,
    val scan: String,
    val nodeThreshold: Double,
)

/** What a node of an attribution graph is. */
@Serializable
public enum class FeatureNodeKind {
    @SerialName("feature")
    Feature,

    /** What a layer's transcoder lacks at a position. */
    @SerialName("error")
    Error,

    @SerialName("token")
    Token,

    @SerialName("logit")
    Logit,
}

/**
 * A node of an attribution graph.
 *
 * @property layer layer of a feature or an error; null for tokens and logits
 * @property position position in the prompt
 * @property number number of the feature, or id of the token; null for errors
 * @property token text of the token, of tokens and logits
 * @property activation of a feature
 * @property probability of a logit's token
 * @property influence on the logits over all paths, before pruning; null for logits
 * @property cumulative share of all influence that this node and those with more have
 */
@Serializable
@OptIn(ExperimentalSerializationApi::class)
public data class FeatureNode(
    val kind: FeatureNodeKind,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val layer: Int? = null,
    val position: Int,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val number: Int? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val token: String? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val activation: Float? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val probability: Double? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val influence: Double? = null,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val cumulative: Double? = null,
)

/**
 * A direct effect: the part of the target's pre-activation, or of its logit minus the mean logit, that the source adds.
 *
 * @property source index of the node in [FeatureGraphRecord.nodes]
 * @property target index of the node in [FeatureGraphRecord.nodes]
 */
@Serializable
public data class FeatureLink(
    val source: Int,
    val target: Int,
    val weight: Float,
)
