package dev.kausal.spec

import kotlinx.serialization.EncodeDefault
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable

/** One cell: [edits] of one run, in order. */
@Serializable
public data class CellSpec(
    val run: RunSpec,
    val edits: List<EditSpec>,
)

/**
 * One change at one hook point.
 *
 * @property site canonical hook name, such as `blocks.3.attn.hook_z`
 * @property choice if not null, one edit is made at each head or layer of the choice, and [site] has `*` for their
 *   layer
 */
@Serializable
public data class EditSpec(
    val site: String,
    val part: PartSpec = PartSpec.All,
    val at: PlaceSpec = PlaceSpec.All,
    val value: ValueSpec,
    val choice: ChoiceSpec? = null,
) {
    public companion object {
        /** Placeholder for the layer in [site] if it is chosen after another result. */
        public const val ANY_LAYER: String = "blocks.*."
    }
}

/** Units of a hook point. */
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

/** The hook point and the units that show what a writer to the residual stream puts out. */
@Serializable
public data class WriterSpec(
    val site: String,
    val part: PartSpec = PartSpec.All,
)

/** Positions of an edit. */
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

    /** A patch of an image, counted from the upper left corner. */
    @Serializable
    @SerialName("patch")
    public data class Patch(
        val row: Int,
        val column: Int,
    ) : PlaceSpec

    /** A span that every input names alike, such as `subject`, `subject-last`, `mask` or `patches`. */
    @Serializable
    @SerialName("span")
    public data class Span(
        val span: String,
    ) : PlaceSpec

    /**
     * Each token of a span of variable length, such as `subject-middle`: edited one at a time, and averaged (Meng et
     * al. 2022). Prompts without such a token have no value.
     */
    @Serializable
    @SerialName("eachOf")
    public data class EachOf(
        val span: String,
    ) : PlaceSpec
}

/** The replacement value. */
@Serializable
public sealed interface ValueSpec {
    /** Whether it calls a function of the script. */
    public val callsScript: Boolean get() = false

    @Serializable
    @SerialName("zero")
    public data object Zero : ValueSpec

    /**
     * The mean over every position of every prompt of the set, for the edited run's side; or of every clean prompt of
     * the set called [of].
     */
    @Serializable
    @SerialName("mean")
    public data class Mean(
        val of: String? = null,
    ) : ValueSpec

    /** The mean over these prompts at each position; all have the same length. */
    @Serializable
    @SerialName("positionMean")
    public data class PositionMean(
        val of: String? = null,
    ) : ValueSpec

    /** The same positions of another prompt of the set, drawn with [seed]. */
    @Serializable
    @SerialName("resample")
    public data class Resample(
        val seed: Long,
    ) : ValueSpec

    /**
     * The activation of [run]. Given a [writer], the site is what one reader of the residual stream reads, of which only the
     * writer's output is that of [run]: a patch of the edge between them. Given vectors [along], by their number in
     * [ExperimentSpec.vectors], only the component in their span is that of [run].
     */
    @Serializable
    @SerialName("from")
    @OptIn(ExperimentalSerializationApi::class)
    public data class From(
        val run: RunSpec,
        @EncodeDefault(EncodeDefault.Mode.NEVER)
        val writer: WriterSpec? = null,
        @EncodeDefault(EncodeDefault.Mode.NEVER)
        val along: List<Int>? = null,
    ) : ValueSpec {
        override val callsScript: Boolean get() = run.changes.any { it.value.callsScript }
    }

    /** Vector [index] of [ExperimentSpec.vectors] times [scale], added to the activation or written in its place. */
    @Serializable
    @SerialName("vector")
    @OptIn(ExperimentalSerializationApi::class)
    public data class Vector(
        val index: Int,
        val added: Boolean,
        @EncodeDefault(EncodeDefault.Mode.NEVER)
        val scale: Double = 1.0,
    ) : ValueSpec

    /** The activation without its component in the span of vectors of [ExperimentSpec.vectors]. */
    @Serializable
    @SerialName("projectedOut")
    public data class ProjectedOut(
        val vectors: List<Int>,
    ) : ValueSpec

    /**
     * The activation with other activations of [features] of dictionary [dictionary] of [ExperimentSpec.dictionaries], everything else
     * kept: they become [amount], or if [added], change by it. [reads] is the hook point that a transcoder reads; null for an
     * autoencoder.
     */
    @Serializable
    @SerialName("feature")
    public data class Feature(
        val dictionary: Int,
        val features: List<Int>,
        val amount: Double,
        val added: Boolean,
        @EncodeDefault(EncodeDefault.Mode.NEVER)
        val reads: String? = null,
    ) : ValueSpec

    /**
     * A change as large as that of [like], in a random direction drawn with [seed]: the null distribution for controls.
     */
    @Serializable
    @SerialName("randomMove")
    public data class RandomMove(
        val like: ValueSpec,
        val seed: Long,
    ) : ValueSpec {
        override val callsScript: Boolean get() = like.callsScript
    }

    /** A function of the script, identified by its place; [index] counts the script's functions. */
    @Serializable
    @SerialName("lambda")
    public data class Lambda(
        val index: Int,
        val place: String,
    ) : ValueSpec {
        override val callsScript: Boolean get() = true
    }
}
