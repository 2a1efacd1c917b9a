package dev.kausal.dsl.mistakes

/** Edges or paths cannot be patched as written. */
public sealed interface PathMistake : EdgeMistake {
    public data class ShortPath(override val line: Int?, val path: String) : PathMistake

    public data class MalformedPath(
        override val line: Int?,
        val path: String,
        val part: String,
        val place: PathPlace,
    ) : PathMistake

    /** The place of a part in its path. */
    public enum class PathPlace { FIRST, BETWEEN, LAST }

    public data class PathInPath(override val line: Int?, val path: String, val other: String) : PathMistake

    public data class EdgeByToken(override val line: Int?, val place: String) : PathMistake
}
