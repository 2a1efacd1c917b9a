package dev.kausal.spec

import kotlinx.serialization.EncodeDefault
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.JsonClassDiscriminator

/**
 * How effects are estimated from gradients instead of computed: the value of a run plus the first-order change of an
 * edit, which is the gradient at the edited entries times the change of these entries.
 */
@Serializable
@OptIn(ExperimentalSerializationApi::class)
@JsonClassDiscriminator("by")
public sealed interface EstimateSpec {
    /** How gradients flow back. */
    public val rules: BackwardRules

    /** Name of the word. */
    public val word: String

    /** Number of recorded passes of one run. */
    public val passes: Int

    /** Number of passes at each point: one, or one per layer of the model if what a layer writes is dropped in each. */
    public val layers: Int

    /** Whether numbers are sizes of changes, without a sign: they rank, but are no changes. */
    public val unsigned: Boolean get() = rules.writes == Writes.Dropped

    /** Returns the same estimate in a model of [layers] layers. */
    public fun inLayers(layers: Int): EstimateSpec

    /** Gradients in the run that is edited (attribution patching, Nanda 2023). */
    @Serializable
    @SerialName("gradient")
    public data class Gradient(
        @EncodeDefault(EncodeDefault.Mode.NEVER)
        override val rules: BackwardRules = BackwardRules(),
        @EncodeDefault(EncodeDefault.Mode.NEVER)
        override val layers: Int = 1,
    ) : EstimateSpec {
        override val word: String get() = "gradient"
        override val passes: Int get() = layers

        override fun inLayers(layers: Int): Gradient = copy(layers = if (unsigned) layers else 1)
    }

    /**
     * Means of gradients at [steps] points of the straight line from the other run's input embedding to the edited
     * run's: the points k / steps, k from 0 to steps − 1 (Hanna et al. 2024). The other run of a clean one is the
     * corrupted one, and that of any other is the clean one.
     */
    @Serializable
    @SerialName("integratedGradients")
    public data class IntegratedGradients(
        val steps: Int,
        @EncodeDefault(EncodeDefault.Mode.NEVER)
        override val rules: BackwardRules = BackwardRules(),
        @EncodeDefault(EncodeDefault.Mode.NEVER)
        override val layers: Int = 1,
    ) : EstimateSpec {
        override val word: String get() = "integratedGradients($steps)"
        override val passes: Int get() = steps * layers

        override fun inLayers(layers: Int): IntegratedGradients = copy(layers = if (unsigned) layers else 1)
    }
}

/**
 * How the backward pass goes through the parts of a layer that are not linear; by default as the model computes them.
 *
 * @property norms the divisors of norms
 * @property patterns attention patterns
 * @property activations the non-linearities of MLPs
 * @property gates the products of gated MLPs
 * @property mlps MLPs as a whole
 * @property softmax the softmax of attention, for edits of queries, keys and scores
 * @property writes what a layer's attention and MLP add to the stream
 */
@Serializable
@OptIn(ExperimentalSerializationApi::class)
public data class BackwardRules(
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val norms: Flow = Flow.Through,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val patterns: Flow = Flow.Through,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val activations: Slope = Slope.Tangent,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val gates: ProductRule = ProductRule.Whole,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val mlps: Flow = Flow.Through,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val softmax: Softmax = Softmax.Tangent,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val writes: Writes = Writes.Kept,
) {
    /** Whether gradients are the model's own. */
    val plain: Boolean get() = this == BackwardRules()
}

/** Whether gradients flow through a part of the model. */
@Serializable
public enum class Flow {
    /** They do. */
    @SerialName("through")
    Through,

    /** The part is a constant. */
    @SerialName("frozen")
    Frozen,
}

/** What stands for a non-linearity. */
@Serializable
public enum class Slope {
    /** Its slope. */
    @SerialName("tangent")
    Tangent,

    /** Its value divided by its input. */
    @SerialName("secant")
    Secant,
}

/** How an edit of queries, keys or scores reaches the attention pattern. */
@Serializable
public enum class Softmax {
    /** By the slope of the softmax. */
    @SerialName("tangent")
    Tangent,

    /** Through the softmax of the edited scores. */
    @SerialName("recomputed")
    Recomputed,
}

/** The gradient of a product. */
@Serializable
public enum class ProductRule {
    /** To each side, that of the product times the other side. */
    @SerialName("whole")
    Whole,

    /** Half of that to each side. */
    @SerialName("half")
    Half,
}

/** Whether gradients flow through what layers add to the stream. */
@Serializable
public enum class Writes {
    /** They do, in one pass. */
    @SerialName("kept")
    Kept,

    /** One pass per layer, in which they do not flow through what that layer adds; sizes of the passes are averaged. */
    @SerialName("dropped")
    Dropped,
}
