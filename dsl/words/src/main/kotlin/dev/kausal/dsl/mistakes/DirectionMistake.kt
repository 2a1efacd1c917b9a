package dev.kausal.dsl.mistakes

/** A direction cannot be fitted as asked. */
public sealed interface DirectionMistake : Mistake.DeclarationMistake {
    public data class OneGroup(override val line: Int?, val name: String, val set: String) : DirectionMistake

    public data class OneClass(override val line: Int?, val name: String, val first: Boolean) : DirectionMistake

    public data class LeftOut(override val line: Int?, val name: String) : DirectionMistake
}
