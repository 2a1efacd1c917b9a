package dev.kausal.spec

import kotlinx.serialization.EncodeDefault
import kotlinx.serialization.ExperimentalSerializationApi
import kotlinx.serialization.Serializable

/**
 * An experiment as data: everything a run needs except the script's functions.
 *
 * A script builds it, `spec.json` stores it, the runner turns it into engine calls, and the report describes its method
 * from it. It holds no functions: an edit or metric written as one is identified by its place in the script.
 *
 * @property name the experiment's name, also the default name of the bundle's folder
 * @property script file name of the script's copy in the bundle
 * @property parameters values given with `--set` or the script's defaults, as text
 * @property seed seed of every random choice without its own
 * @property omitted analyses that do not apply to this kind of model
 * @property inference how far the numbers are taken to hold; null if it was switched off
 * @property subjects samples that noise is measured in, where a run names one
 * @property vectors what edits add or put in place, each once
 * @property findings results whose findings open the report, the most important first; empty if the script names none
 * @property tokens tokens that the script names by their text, for its functions
 * @property dictionaries sparse dictionaries whose features are read or edited
 */
@Serializable
@OptIn(ExperimentalSerializationApi::class)
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
    val omitted: List<OmittedSpec> = emptyList(),
    val inference: InferenceSpec? = InferenceSpec(),
    val subjects: List<SubjectsSpec> = emptyList(),
    val vectors: List<VectorSpec> = emptyList(),
    val tokens: List<TokenSpec> = emptyList(),
    val findings: List<String> = emptyList(),
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val dictionaries: List<DictionarySpec> = emptyList(),
) {
    /** Returns the analysis called [name]. */
    public fun analysis(name: String): AnalysisSpec = analyses.first { it.name == name }

    /** Returns the name of the set [name] in reports. */
    public fun shown(name: String): String = contrasts.find { it.name == name }?.shown ?: name

    public companion object {
        /** Version of the bundle's files; a reader refuses a newer one. */
        public const val SCHEMA: Int = 1
    }
}

/**
 * The model that ran.
 *
 * @property ref model reference of the script or of `--model`
 * @property capability the script's type argument, such as `CausalLm`
 * @property family name of the engine's architecture table, such as `llama`
 * @property sha256 SHA-256 of the weights; null in a spec that was only explained
 * @property classes names of a classifier's classes, by number
 * @property warnings caveats about its files that affect its numbers, as sentences
 */
@Serializable
public data class ModelSpec(
    val ref: String,
    val capability: String,
    val family: String,
    val config: ModelShape,
    val sha256: String? = null,
    val classes: List<String> = emptyList(),
    val warnings: List<String> = emptyList(),
)

/** The sizes that determine a model's hook points. [keyValueHeads] is below [heads] under grouped-query attention. */
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

/**
 * A named set of inputs, as declared by `contrasts { }`, `prompts { }` or `images { }`.
 *
 * @property contrasts all candidates; a run uses those that [filter] keeps
 * @property filter null if all are kept
 * @property unfit candidates of a filtered set that this model's tokenizer cannot represent, such as answers of two
 *   tokens
 * @property label name of the set in the script; null if it has none
 */
@Serializable
public data class ContrastSetSpec(
    val name: String,
    val contrasts: List<ContrastSpec>,
    val filter: FilterSpec? = null,
    val unfit: List<Dropped> = emptyList(),
    val label: String? = null,
) {
    /** The set's name in reports. */
    val shown: String get() = label ?: name
}

/**
 * A clean input and its counterpart.
 *
 * @property label names the example in results: the clean prompt's subject, or its text; of an image, its file
 * @property answer the token or class that is right for the clean input; null if none is named
 * @property foil the token or class that is right for the corrupted one
 * @property groups what it has in common with others, from its file
 * @property candidates what the answer competes with under [FilterSpec.Among]; empty if the set's other answers are
 *   that
 * @property moreAnswers tokens or classes that are as right as [answer]
 * @property moreFoils tokens or classes that are as right as [foil] for the corrupted input
 */
@Serializable
public data class ContrastSpec(
    val label: String,
    val clean: PromptSpec,
    val answer: TokenSpec? = null,
    val corrupted: PromptSpec? = null,
    val foil: TokenSpec? = null,
    val groups: Map<Grouping, String> = emptyMap(),
    val candidates: List<CandidateSpec> = emptyList(),
    val moreAnswers: List<TokenSpec> = emptyList(),
    val moreFoils: List<TokenSpec> = emptyList(),
) {
    /** All right answers of the clean input; empty if none is named. */
    val answers: List<TokenSpec> get() = listOfNotNull(answer) + moreAnswers

    /** All right answers of the corrupted input; empty if none is named. */
    val foils: List<TokenSpec> get() = listOfNotNull(foil) + moreFoils
}

/**
 * A possible answer of one or several tokens.
 *
 * @property spaced its tokens with a leading blank, if they are others and the prompt lets expect it: [text] may lack it by
 *   mistake; else null
 */
@Serializable
public data class CandidateSpec(
    val text: String,
    val ids: List<Int>,
    val spaced: List<Int>? = null,
)

/**
 * A prompt or an image as the model reads it.
 *
 * @property text text without the brackets that mark the subject; for an image, its file as the script names it
 * @property ids token ids [position]; empty for an image
 * @property tokens text of each token [position], leading blanks kept; for an image, names of the positions: prefix
 *   tokens (`[CLS]`), then `row,column` of each patch
 * @property subject first and last position of the marked span, inclusive
 * @property types token types, [position]; null if all are 0
 * @property read position whose outputs metrics read (the mask); null for the last
 * @property spans named positions, such as `cls`, `mask` or `patches`
 * @property second second sentence of a pair
 * @property image null for a prompt
 * @property byIds whether the ids were given or drawn, rather than made of the text
 * @property chat the dialogue that [text] renders; null if the text itself was written
 */
@Serializable
@OptIn(ExperimentalSerializationApi::class)
public data class PromptSpec(
    val text: String,
    val ids: List<Int>,
    val tokens: List<String>,
    val subject: PositionRange? = null,
    val types: List<Int>? = null,
    val read: Int? = null,
    val spans: Map<String, PositionRange> = emptyMap(),
    val second: String? = null,
    val image: ImageSpec? = null,
    val byIds: Boolean = false,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val chat: ChatSpec? = null,
) {
    /** Number of positions. */
    val length: Int get() = tokens.size

    /** Returns id and text of the token at [position], null beyond the end; positions of images have no ids. */
    public fun tokenAt(position: Int): Pair<Int?, String?> = ids.getOrNull(position) to tokens.getOrNull(position)

    /** Ids of the subject's tokens; of all tokens if none is marked. */
    val subjectTokens: List<Int> get() = subject?.let { ids.subList(it.first, it.last + 1) } ?: ids
}

/**
 * An image as the model reads it.
 *
 * @property sha256 SHA-256 of the file
 * @property rows rows of pixels, after resizing and cropping
 * @property columns columns of pixels
 * @property gridRows rows of patches
 * @property gridColumns columns of patches
 * @property picture file in the bundle with the image as the model sees it, before normalisation
 */
@Serializable
public data class ImageSpec(
    val sha256: String,
    val rows: Int,
    val columns: Int,
    val gridRows: Int,
    val gridColumns: Int,
    val picture: String,
)

/** Positions [first]..[last], inclusive. */
@Serializable
public data class PositionRange(
    val first: Int,
    val last: Int,
)

/**
 * One token of the vocabulary, or one class.
 *
 * @property spaced the same text with a leading blank, if the model has such a token and the prompt makes a blank
 *   likely, so that [text] may lack it by mistake; else null
 * @property doubled whether both the token and the end of the prompt have the blank between them
 * @property rest tokens of [text] after the first, [id]: only an answer or foil of several tokens has them
 */
@Serializable
@OptIn(ExperimentalSerializationApi::class)
public data class TokenSpec(
    val text: String,
    val id: Int,
    val spaced: Int? = null,
    val doubled: Boolean = false,
    @EncodeDefault(EncodeDefault.Mode.NEVER)
    val rest: List<Int> = emptyList(),
) {
    /** All tokens of [text]. */
    val ids: List<Int> get() = listOf(id) + rest
}

/** An analysis that applies only to models of kind [needs], which this one is not. */
@Serializable
public data class OmittedSpec(
    val name: String,
    val needs: String,
)
