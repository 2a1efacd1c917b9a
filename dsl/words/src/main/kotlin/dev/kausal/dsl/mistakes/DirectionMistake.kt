package dev.kausal.dsl.mistakes

/** A direction cannot be fitted as asked. */
public sealed interface DirectionMistake : Mistake.DeclarationMistake {
    public data class OneGroup(override val line: Int?, val name: String, val set: String) : DirectionMistake

    public data class OneClass(override val line: Int?, val name: String, val first: Boolean) : DirectionMistake

    public data class FewPairs(
        override val line: Int?,
        val name: String,
        val set: String,
        val groups: Int,
        val expected: Int,
    ) : DirectionMistake

    public data class PositionsDiffer(
        override val line: Int?,
        val name: String,
        val place: String,
        val example: String,
        val clean: Int,
        val corrupted: Int,
    ) : DirectionMistake

    public data class NotTrained(
        override val line: Int?,
        val name: String,
        val layer: Int,
        val layers: List<Int>,
    ) : DirectionMistake

    public data class LeftOut(override val line: Int?, val name: String) : DirectionMistake
}
