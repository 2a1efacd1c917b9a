package dev.kausal.dsl.mistakes

/** An edit is not possible as written: its replacement, or the run or set behind that, does not fit the site. */
public sealed interface EditMistake : Mistake.InterventionMistake {
    public data class EditedTwice(override val line: Int?, val what: String) : EditMistake

    public data class NoHeads(override val line: Int?, val hook: String, val head: Int) : EditMistake

    public data class CannotEdit(override val line: Int?, val site: String, val why: String) : EditMistake

    public data class MeanOfOtherLength(
        override val line: Int?,
        val reference: String,
        val tokens: Int,
        val shortest: Int,
        val longest: Int,
        val of: String,
    ) : EditMistake

    public data class VectorSize(
        override val line: Int?,
        val site: String,
        val units: Int,
        val found: Int,
        val example: String?,
    ) : EditMistake

    public data class FrozenAway(
        override val line: Int?,
        val sites: List<String>,
        val run: String,
    ) : EditMistake

    public data class EditedRunUsed(override val line: Int?, val neededBy: String) : EditMistake

    public data class ReadBeforeEdit(
        override val line: Int?,
        val site: String,
        val first: String,
    ) : EditMistake
}
