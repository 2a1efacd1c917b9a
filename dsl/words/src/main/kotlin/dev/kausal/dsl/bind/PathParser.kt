package dev.kausal.dsl.bind

import dev.kausal.dsl.Edge
import dev.kausal.dsl.Path
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.dsl.mistakes.PathMistake

/** Reads the name of [path] as edges of the model, and reports what keeps it from being a path. */
internal class PathParser(
    private val edges: EdgeBinder,
    private val path: Path,
    private val line: Int?,
    private val mistakes: MutableCollection<Mistake>,
) {
    /**
     * Returns the path as lists of edges by number, from the first to the last: several if it passes heads by all of their inputs; none
     * if the model has no such path.
     */
    fun edges(): List<List<Int>> {
        if (path.isEdge) return edges.names(listOf(Edge(path.name))).mapNotNull(edges::find).map(::listOf)
        val parts = path.name.split(ARROW)
        if (parts.size < 2) {
            mistakes += PathMistake.ShortPath(line, path.name)
            return emptyList()
        }
        val malformed = parts.mapIndexedNotNull { at, part -> malformed(part, at, parts.lastIndex) }
        mistakes += malformed
        if (malformed.isNotEmpty()) return emptyList()
        val hops = parts.zipWithNext { writer, reader -> hop(writer.substringBefore('.'), reader) }
        if (hops.any { it.isEmpty() }) return emptyList()
        return hops.fold(listOf(emptyList())) { ways, hop -> ways.flatMap { way -> hop.map { way + it } } }
    }

    private fun malformed(
        part: String,
        at: Int,
        last: Int,
    ): Mistake? {
        val place =
            when (at) {
                0 -> PathMistake.PathPlace.FIRST
                last -> PathMistake.PathPlace.LAST
                else -> PathMistake.PathPlace.BETWEEN
            }
        val allowed = if (at == 0) {
            FIRST
        } else if (at == last) {
            LAST
        } else {
            BETWEEN
        }
        return if (allowed.matches(part)) null else PathMistake.MalformedPath(line, path.name, part, place)
    }

    /** Returns the edges from [writer] into [part]; none if the model lacks them, which is reported once. */
    private fun hop(
        writer: String,
        part: String,
    ): List<Int> {
        val names = readers(part).map { "$writer$ARROW$it" }
        val found = names.mapNotNull(edges::find)
        if (found.size == names.size) return found
        edges.names(names.filter { edges.find(it) == null }.take(1).map { Edge(it) })
        return emptyList()
    }

    /** Returns the readers of a part: those of a head are its queries and the keys and values that it shares. */
    private fun readers(part: String): List<String> {
        val (layer, head, input) = HEAD.matchEntire(part)?.destructured ?: return listOf(part)
        val shared = head.toInt() / edges.group
        return listOf("q" to head.toInt(), "k" to shared, "v" to shared)
            .filter { (kind, _) -> input.isEmpty() || input == ".$kind" }
            .map { (kind, number) -> "L$layer.$kind$number" }
    }

    private companion object {
        const val ARROW = " -> "
        val FIRST = Regex("embed|L\\d+H\\d+|L\\d+ mlp")
        val BETWEEN = Regex("L\\d{1,6}H\\d{1,6}(\\.[qkv])?|L\\d+ mlp")
        val LAST = Regex("${BETWEEN.pattern}|L\\d+\\.[qkv]\\d+|logits")
        val HEAD = Regex("L(\\d+)H(\\d+)(\\.[qkv])?")
    }
}
