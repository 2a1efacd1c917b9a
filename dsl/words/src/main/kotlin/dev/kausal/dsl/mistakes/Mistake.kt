package dev.kausal.dsl.mistakes

/**
 * A mistake in a script: one class per kind, with its values. The kinds form groups, and each group has one exhaustive
 * `when` in [Wording] and one in [MistakenText], so that a new kind compiles only with its message.
 */
public sealed interface Mistake {
    /** Line of the script; null if there is none, as for the command line. */
    public val line: Int?

    /** What was expected, what was found, and what to do. */
    public val message: String get() = Wording.of(this)

    /** Source text to underline, such as `9` or ` Paris`, most specific first. */
    public val written: List<String> get() = MistakenText.of(this)

    /** The model, or a part of it, is of the wrong kind. */
    public sealed interface ModelMistake : Mistake

    /** A number is outside the range of the model or its inputs. */
    public sealed interface RangeMistake : Mistake

    /** A prompt or an answer does not suit its set. */
    public sealed interface PromptMistake : Mistake

    /** An answer or metric does not fit the model's outputs. */
    public sealed interface ClassMistake : Mistake

    /** An image cannot be read, or is missing. */
    public sealed interface ImageMistake : Mistake

    /** A file of contrasts cannot be used. */
    public sealed interface FileMistake : Mistake

    /** An intervention is not possible as written. */
    public sealed interface InterventionMistake : Mistake

    /** A word is used in an unsupported way. */
    public sealed interface DeclarationMistake : Mistake

    /** A value given with `--set` is not a setting of the script. */
    public sealed interface SettingMistake : Mistake

    public data object NoModel : ModelMistake {
        override val line: Int? get() = null
    }

    public data class TwoModels(override val line: Int?, val first: String, val second: String) : ModelMistake

    public data class WrongKind(
        override val line: Int?,
        val declared: String,
        val ref: String,
        val family: String,
        val kind: String,
    ) : ModelMistake

    public data class WrongContrasts(
        override val line: Int?,
        val inputs: String,
        val declared: String,
        val model: String,
    ) : ModelMistake

    public data class NoSuchLayer(override val line: Int?, val layer: Int, val layers: Int) : RangeMistake

    public data class NoSuchHead(
        override val line: Int?,
        val layer: Int,
        val head: Int,
        val heads: Int,
        val keyValue: Boolean,
    ) : RangeMistake

    public data class NoSuchNeuron(
        override val line: Int?,
        val layer: Int,
        val neuron: Int,
        val neurons: Int,
    ) : RangeMistake

    public data class NoSuchPosition(
        override val line: Int?,
        val position: Int,
        val prompt: String,
        val tokens: Int,
    ) : RangeMistake

    public data class TooManyNumbers(
        override val line: Int?,
        val analysis: String,
        val numbers: Long,
        val most: Long,
    ) : RangeMistake

    public data class NoSuchPatch(
        override val line: Int?,
        val patch: String,
        val image: String,
        val grid: Pair<Int, Int>?,
    ) : RangeMistake

    public data class NoSuchHook(
        override val line: Int?,
        val hook: String,
        val family: String,
        val why: String = "",
    ) : ModelMistake

    public data class NoTokens(override val line: Int?, val text: String, val kind: String) : ModelMistake

    public data class NothingWatched(
        override val line: Int?,
        val watch: String,
        val points: List<String>,
    ) : RangeMistake

    public data class NotOneToken(
        override val line: Int?,
        val source: String?,
        val role: String,
        val text: String,
        val tokens: List<String>,
        val suggestion: String?,
        val metric: String? = null,
    ) : PromptMistake

    public data class TokenBeyondModel(
        override val line: Int?,
        val source: String?,
        val text: String,
        val token: String,
        val id: Int,
        val vocabulary: Int,
    ) : PromptMistake

    public data class SeveralClasses(
        override val line: Int?,
        val source: String?,
        val role: String,
        val text: String,
        val classes: List<String>,
    ) : ClassMistake

    public data class OneClass(override val line: Int?, val neededBy: String, val name: String) : ClassMistake

    public data class NoSuchClass(
        override val line: Int?,
        val source: String?,
        val role: String,
        val text: String,
        val nearest: String?,
        val classes: List<String>,
    ) : ClassMistake

    public data class NoClasses(
        override val line: Int?,
        val source: String?,
        val text: String,
        val kind: String,
    ) : ClassMistake

    public data class ShortPrompt(override val line: Int?, val metric: String, val texts: List<String>) : PromptMistake

    public data class Masks(
        override val line: Int?,
        val source: String?,
        val prompt: String,
        val found: Int,
    ) : PromptMistake

    public data class NoWordMarked(
        override val line: Int?,
        val source: String?,
        val prompt: String,
    ) : PromptMistake

    public data class NoNextTokens(override val line: Int?, val metric: String, val kind: String) : ClassMistake

    public data class ImageUnusable(override val line: Int?, val source: String?, val detail: String) : ImageMistake

    public data class NoImages(override val line: Int?, val folder: String, val classes: Boolean) : ImageMistake

    public data class NoGrid(override val line: Int?, val sweep: String) : ImageMistake

    public data class SameAnswer(override val line: Int?, val source: String?, val answer: String) : PromptMistake

    public data class EmptyPrompt(override val line: Int?, val source: String?, val role: String) : PromptMistake

    public data class PromptTooLong(
        override val line: Int?,
        val source: String?,
        val prompt: String,
        val tokens: Int,
        val context: Int,
    ) : PromptMistake

    public data class Brackets(
        override val line: Int?,
        val source: String?,
        val prompt: String,
        val fault: BracketFault,
    ) : PromptMistake

    public data class EmptyContrasts(override val line: Int?, val name: String, val of: String) : PromptMistake

    public data class FileMissing(override val line: Int?, val path: String) : FileMistake

    public data class FileMalformed(override val line: Int?, val path: String, val detail: String) : FileMistake

    public data class FileField(
        override val line: Int?,
        val path: String,
        val entry: Int,
        val field: String,
        val fault: FieldFault,
        val known: List<String>,
    ) : FileMistake

    public data class Lacking(
        override val line: Int?,
        val part: ContrastPart,
        val neededBy: String,
        val contrasts: List<String>,
    ) : PromptMistake

    public data class LengthsDiffer(
        override val line: Int?,
        val sweep: String,
        val lengths: List<PromptLength>,
    ) : InterventionMistake

    public data class PatchLengths(
        override val line: Int?,
        val contrast: String,
        val place: String,
        val from: Int,
        val to: Int,
        val keys: Boolean = false,
    ) : InterventionMistake

    public data class SpanAbsent(override val line: Int?, val span: String, val prompt: String) : InterventionMistake

    public data class NoDonor(override val line: Int?, val contrast: String, val tokens: Int) : InterventionMistake

    public data class MeanOverQueries(override val line: Int?, val hook: String) : InterventionMistake

    public data class MeanOverLengths(
        override val line: Int?,
        val contrasts: String,
        val shortest: Int,
        val longest: Int,
        val of: String = "positionMean",
    ) : InterventionMistake

    public data class BaseConflict(override val line: Int?, val runs: List<String>) : InterventionMistake

    public data class SameRun(override val line: Int?, val run: String) : InterventionMistake

    public data class NotOneGrid(override val line: Int?, val sweep: String, val found: Int) : DeclarationMistake

    public data class CodeFailed(
        override val line: Int?,
        val function: String,
        val failure: String,
    ) : DeclarationMistake

    public data class EmptyAxis(override val line: Int?, val axis: String) : DeclarationMistake

    public data class NoEdit(override val line: Int?) : InterventionMistake

    public data class SameName(override val line: Int?, val name: String, val first: Int?) : DeclarationMistake

    public data class BadValue(
        override val line: Int?,
        val name: String,
        val found: String,
        val expected: String,
    ) : DeclarationMistake

    public data class MalformedSetting(val text: String) : SettingMistake {
        override val line: Int? get() = null
    }

    public data class DuplicateSetting(val name: String) : SettingMistake {
        override val line: Int? get() = null
    }

    public data class UnknownSetting(val name: String, val known: List<String>) : SettingMistake {
        override val line: Int? get() = null
    }

    public data class SettingType(
        override val line: Int?,
        val name: String,
        val value: String,
        val type: ParameterType,
    ) : SettingMistake
}
