package dev.kausal.dsl.host

/**
 * The names that a script gives its sets of inputs, read from its text: `val known = facts.filter(knows())` names the
 * set of its lines `known`. A line counts only if all sets created there are the value of one such declaration, so that
 * no set gets another one's name.
 */
internal class SetNames private constructor(
    private val byLine: Map<Int, String>,
) {
    /** Returns the script's name for the set created in [line]; null if uncertain. */
    fun at(line: Int?): String? = byLine[line]

    companion object {
        val NONE = SetNames(emptyMap())
        private val SETS = setOf("contrasts", "prompts", "images")
        private val DERIVING = setOf("filter", "sample")

        /** Returns the names in [script]. */
        fun of(script: String): SetNames {
            val tokens = KotlinTokens.of(script)
            val named = mutableListOf<Pair<IntRange, String>>()
            tokens.indices.forEach { at -> declaration(tokens, at)?.let { named += it } }
            val inside = named.flatMapTo(HashSet()) { (range) -> range.toList() }
            // Lines that create a set outside such declarations, such as in an analysis.
            val outside = tokens.indices.filter { it !in inside && makesSet(tokens, it) }
            val others = outside.mapTo(HashSet()) { tokens[it].line }
            val names =
                named.flatMap { (range, name) ->
                    (tokens[range.first].line..tokens[range.last].line).map { it to name }
                }
            val byLine = names.groupBy({ it.first }, { it.second })
            val certain = byLine.filter { (line, its) -> its.size == 1 && line !in others }
            return SetNames(certain.mapValues { it.value.single() })
        }

        private fun makesSet(
            tokens: List<KotlinToken>,
            at: Int,
        ): Boolean = tokens[at].text in SETS || (tokens[at].text in DERIVING && tokens.getOrNull(at - 1)?.text == ".")

        /** Returns the tokens of the value, and the name, of the set declared at [at]; null if none is. */
        private fun declaration(
            tokens: List<KotlinToken>,
            at: Int,
        ): Pair<IntRange, String>? {
            if (tokens[at].text != "val") return null
            val name = tokens.getOrNull(at + 1)?.takeIf { it.isWord } ?: return null
            val first = if (tokens.getOrNull(at + 2)?.text == "=") at + 3 else return null
            val word = tokens.getOrNull(first)?.takeIf { it.isWord } ?: return null
            var end = if (word.text in SETS) arguments(tokens, first + 1) else first + 1
            var links = if (word.text in SETS) 1 else 0
            while (tokens.getOrNull(end)?.text == "." && tokens.getOrNull(end + 1)?.text in DERIVING) {
                end = arguments(tokens, end + 2)
                links++
            }
            val next = tokens.getOrNull(end)
            val complete = next == null || next.text in ENDS || (next.line > tokens[end - 1].line && next.isWord)
            return if (links > 0 && complete) (first until end) to name.text else null
        }

        /** Returns the end of the arguments, in parentheses and braces, that begin at [at]. */
        private fun arguments(
            tokens: List<KotlinToken>,
            at: Int,
        ): Int {
            var end = at
            if (tokens.getOrNull(end)?.text == "(") end = closing(tokens, end) + 1
            val block = tokens.getOrNull(end)
            if (block?.text == "{" && block.line == tokens[end - 1].line) end = closing(tokens, end) + 1
            return end
        }

        private fun closing(
            tokens: List<KotlinToken>,
            at: Int,
        ): Int {
            var depth = 0
            for (i in at until tokens.size) {
                if (tokens[i].text in OPEN) depth++
                if (tokens[i].text in CLOSE && --depth == 0) return i
            }
            return tokens.lastIndex
        }

        private val OPEN = setOf("(", "{", "[")
        private val CLOSE = setOf(")", "}", "]")
        private val ENDS = setOf("}", ";")
    }
}
