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

/** One cell: [edits] in order, made to one run. */
@Serializable
public data class CellSpec(
    val run: RunSpec,
    val edits: List<EditSpec>,
)

/**
 * One change to one hook point.
 *
 * @property site canonical hook name, such as `blocks.3.attn.hook_z`
 */
@Serializable
public data class EditSpec(
    val site: String,
    val part: PartSpec = PartSpec.All,
    val at: PlaceSpec = PlaceSpec.All,
    val value: ValueSpec,
)

/** The run of a contrast that is read or edited. */
@Serializable
public sealed interface RunSpec {
    @Serializable
    @SerialName("clean")
    public data object Clean : RunSpec

    @Serializable
    @SerialName("corrupted")
    public data object Corrupted : RunSpec

    /**
     * The clean prompt with Gaussian noise on a span's embeddings (Meng et al. 2022), averaged over [samples].
     *
     * @property sigmas the noise's standard deviation, in standard deviations of the embeddings of the set's subjects
     */
    @Serializable
    @SerialName("noised")
    public data class Noised(
        val span: PlaceSpec,
        val sigmas: Double,
        val samples: Int,
        val seed: Long,
    ) : RunSpec
}

/** Which units of a hook point. */
@Serializable
public sealed interface PartSpec {
    @Serializable
    @SerialName("all")
    public data object All : PartSpec

    @Serializable
    @SerialName("head")
    public data class Head(
        val head: Int,
    ) : PartSpec

    @Serializable
    @SerialName("neuron")
    public data class Neuron(
        val neuron: Int,
    ) : PartSpec
}

/** Which positions. */
@Serializable
public sealed interface PlaceSpec {
    @Serializable
    @SerialName("all")
    public data object All : PlaceSpec

    @Serializable
    @SerialName("position")
    public data class Position(
        val position: Int,
    ) : PlaceSpec

    /** The last token of each prompt. */
    @Serializable
    @SerialName("last")
    public data object Last : PlaceSpec

    /** A patch of an image, counted from its upper left corner. */
    @Serializable
    @SerialName("patch")
    public data class Patch(
        val row: Int,
        val column: Int,
    ) : PlaceSpec

    /** A span that every input has under the same name, such as `subject`, `subject-last`, `mask` or `patches`. */
    @Serializable
    @SerialName("span")
    public data class Span(
        val span: String,
    ) : PlaceSpec

    /**
     * Each token of a span that may have any number of them, such as `subject-middle`: edited one at a time, and averaged
     * (Meng et al. 2022). Prompts without such a token have no value.
     */
    @Serializable
    @SerialName("eachOf")
    public data class EachOf(
        val span: String,
    ) : PlaceSpec
}

/** What is put there. */
@Serializable
public sealed interface ValueSpec {
    @Serializable
    @SerialName("zero")
    public data object Zero : ValueSpec

    /** The mean over every position of every prompt that the set runs on the same side. */
    @Serializable
    @SerialName("mean")
    public data object Mean : ValueSpec

    /** The same positions of another prompt of the set, drawn by [seed]. */
    @Serializable
    @SerialName("resample")
    public data class Resample(
        val seed: Long,
    ) : ValueSpec

    @Serializable
    @SerialName("from")
    public data class From(
        val run: RunSpec,
    ) : ValueSpec

    /** As far as [like] would move it, in a direction drawn by [seed]: the null that controls compare with. */
    @Serializable
    @SerialName("randomMove")
    public data class RandomMove(
        val like: ValueSpec,
        val seed: Long,
    ) : ValueSpec

    /** A function in the script, named by its place; [index] counts the script's lambdas. */
    @Serializable
    @SerialName("lambda")
    public data class Lambda(
        val index: Int,
        val place: String,
    ) : ValueSpec
}

/** What is measured on the last position's logits, but [Loss], which reads every position. */
@Serializable
public sealed interface MetricSpec {
    /** As results and reports write it, such as `recovery(logitDifference)`. */
    public val text: String

    @Serializable
    @SerialName("logitDifference")
    public data object LogitDifference : MetricSpec {
        override val text: String get() = "logitDifference"
    }

    @Serializable
    @SerialName("logit")
    public data object Logit : MetricSpec {
        override val text: String get() = "logit"
    }

    /** 1 where the answer's logit is above the foil's, else 0: its mean is a share of examples. */
    @Serializable
    @SerialName("accuracy")
    public data object Accuracy : MetricSpec {
        override val text: String get() = "accuracy"
    }

    @Serializable
    @SerialName("probability")
    public data object Probability : MetricSpec {
        override val text: String get() = "probability"
    }

    @Serializable
    @SerialName("logProbability")
    public data object LogProbability : MetricSpec {
        override val text: String get() = "logProbability"
    }

    /** KL divergence, in nats, of the edited run's next-token distribution from the clean run's. */
    @Serializable
    @SerialName("kl")
    public data object Kl : MetricSpec {
        override val text: String get() = "kl"
    }

    /** Mean next-token cross-entropy over the prompt, in nats. */
    @Serializable
    @SerialName("loss")
    public data object Loss : MetricSpec {
        override val text: String get() = "loss"
    }

    /** (edited − corrupted) / (clean − corrupted) of [of]: 0 is the corrupted run, 1 the clean one. */
    @Serializable
    @SerialName("recovery")
    public data class Recovery(
        val of: MetricSpec,
    ) : MetricSpec {
        override val text: String get() = "recovery(${of.text})"
    }

    /** A function of the last position's logits, written in the script. */
    @Serializable
    @SerialName("lambda")
    public data class Named(
        val name: String,
        val index: Int,
    ) : MetricSpec {
        override val text: String get() = name
    }
}

/** A figure of the report: [kind] of the result named [of]. */
@Serializable
public data class FigureSpec(
    val kind: FigureKind,
    val of: String,
    val title: String? = null,
)

/** The figures that a report can draw. */
@Serializable
public enum class FigureKind {
    @SerialName("heatmap")
    Heatmap,

    @SerialName("lines")
    Lines,

    @SerialName("bars")
    Bars,

    @SerialName("attention")
    Attention,

    @SerialName("table")
    Table,

    /** Values on the patch grid, beside and over the image. */
    @SerialName("imageMap")
    ImageMap,
}
