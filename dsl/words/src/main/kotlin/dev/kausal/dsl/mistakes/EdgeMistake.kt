package dev.kausal.dsl.mistakes

/** Edges or circuits are not possible as written. */
public sealed interface EdgeMistake : Mistake.InterventionMistake {
    public data class UnequalRuns(
        override val line: Int?,
        val neededBy: String,
        val contrast: String,
        val clean: Int,
        val corrupted: Int,
        val more: Int,
    ) : EdgeMistake

    public data class SameRuns(override val line: Int?, val neededBy: String, val contrasts: List<String>) : EdgeMistake

    public data class MalformedEdge(override val line: Int?, val edge: String, val badWriter: Boolean) : EdgeMistake

    public data class BackwardEdge(override val line: Int?, val edge: String, val parallel: Boolean) : EdgeMistake

    public data class NoSuchEdge(override val line: Int?, val edge: String, val sizes: String) : EdgeMistake

    public data class NoSuchEnd(
        override val line: Int?,
        val end: String,
        val isWriter: Boolean,
        val sizes: String,
    ) : EdgeMistake

    public data class CircuitSize(override val line: Int?, val size: Int, val edges: Int) : EdgeMistake

    public data class NormedStream(override val line: Int?, val neededBy: String, val family: String) : EdgeMistake
}
