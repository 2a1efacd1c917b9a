package dev.kausal.spec

import kotlinx.serialization.Serializable

/**
 * An experiment as data: everything that a run needs, and nothing that only the script's builders know.
 *
 * A builder makes it, `spec.json` stores it, the compiler turns it into engine calls and the report describes its
 * method from it. It holds no lambda: an edit or a metric written as one is named by its place in the script.
 *
 * @property name the experiment's name, also the default name of the bundle's folder
 * @property script file name of the script's copy in the bundle
 * @property parameters values given with `--set` or the script's defaults, as text
 * @property seed feeds every random choice that has no seed of its own
 */
@Serializable
public data class ExperimentSpec(
    val schema: Int = SCHEMA,
    val name: String,
    val script: String,
    val model: ModelSpec,
    val parameters: Map<String, String> = emptyMap(),
    val seed: Long = 0,
    val contrasts: List<ContrastSetSpec>,
    val analyses: List<AnalysisSpec>,
    val figures: List<FigureSpec> = emptyList(),
) {
    public companion object {
        /** Version of the bundle's files; a reader refuses a newer one. */
        public const val SCHEMA: Int = 1
    }
}

/**
 * The model that ran.
 *
 * @property ref as the script or `--model` named it
 * @property capability the script's type argument, such as `CausalLm`
 * @property family the engine's architecture table, such as `llama`
 * @property sha256 of the weights; null in a spec that was only explained
 */
@Serializable
public data class ModelSpec(
    val ref: String,
    val capability: String,
    val family: String,
    val config: ModelShape,
    val sha256: String? = null,
)

/** The sizes that name a model's hook points. [keyValueHeads] is below [heads] under grouped-query attention. */
@Serializable
public data class ModelShape(
    val layers: Int,
    val heads: Int,
    val keyValueHeads: Int,
    val dModel: Int,
    val dHead: Int,
    val dMlp: Int,
    val vocabulary: Int,
    val context: Int,
)

/** A named set of contrasts, as `contrasts { }` declares it. */
@Serializable
public data class ContrastSetSpec(
    val name: String,
    val contrasts: List<ContrastSpec>,
)

/**
 * One clean prompt with what it is compared with.
 *
 * @property label names the example in results: the clean prompt's subject, or its text
 * @property answer the token that the clean prompt should continue with
 * @property foil the token that the corrupted prompt should continue with
 */
@Serializable
public data class ContrastSpec(
    val label: String,
    val clean: PromptSpec,
    val answer: TokenSpec,
    val corrupted: PromptSpec? = null,
    val foil: TokenSpec? = null,
)

/**
 * A prompt as the model reads it.
 *
 * @property text without the brackets that mark the subject
 * @property ids token ids, [position]
 * @property tokens the text of each token, leading blanks kept, [position]
 * @property subject first and last position of the marked span, both inclusive
 */
@Serializable
public data class PromptSpec(
    val text: String,
    val ids: List<Int>,
    val tokens: List<String>,
    val subject: PositionRange? = null,
)

/** Positions [first]..[last], both inclusive. */
@Serializable
public data class PositionRange(
    val first: Int,
    val last: Int,
)

/** One token of the vocabulary. */
@Serializable
public data class TokenSpec(
    val text: String,
    val id: Int,
)
