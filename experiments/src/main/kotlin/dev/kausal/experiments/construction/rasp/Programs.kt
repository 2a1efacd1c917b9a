package dev.kausal.experiments.construction.rasp

import kotlin.math.abs

/** The programs that are shipped as models. */
internal object Programs {
    /** `. a b c >` continues with ` c`, then ` b`, then ` a`, then the end mark. */
    val reverse: Program =
        Program("reverse", "repeats the letters before > in reverse order", letters("abcd>"), longest = 9) {
            val mark = aggregate(select(tokens) { it == ">" }, indices, default = 0)
            val source = sequenceMap(indices, mark) { row, end -> maxOf(0, 2 * (end as Int) - 1 - row as Int) }
            aggregate(select(source, indices) { from, row -> from == row }, tokens, default = Tokens.START)
        }

    /** `. a b a a` continues with ` 3`. */
    val hist: Program =
        Program("hist", "says how often the last word occurs", letters("abc"), longest = 6) {
            map(selectorWidth(select(tokens, tokens) { asked, found -> asked == found })) { "$it" }
        }

    /** `. x a x` continues with ` 2/3`. */
    val fracPrevs: Program =
        Program("frac-prevs", "says which share of the words is x", letters("abcx"), longest = 5) {
            val share = share(select(indices) { true }, tokens) { it == "x" }
            thresholds(mapOf(share to 1.0)) { fraction(it, longest = 5) }
        }

    /** `. ( a )` continues with ` even`. */
    val pairBalance: Program =
        Program("pair-balance", "says whether more brackets were opened, or closed", letters("()a"), longest = 6) {
            val all = select(indices) { true }
            val opened = share(all, tokens) { it == "(" }
            val closed = share(all, tokens) { it == ")" }
            thresholds(mapOf(opened to 1.0, closed to -1.0)) {
                if (abs(it) < TIE) {
                    "even"
                } else if (it > 0) {
                    "opened"
                } else {
                    "closed"
                }
            }
        }

    /** `. c a b` continues with ` yes`: one head finds a, another one b, and only both together give a yes. */
    val and: Program = gate("and", "says whether both a and b occur") { one, other -> one && other }

    /** The same if either gives a yes: each head is the other's backup. */
    val or: Program = gate("or", "says whether a or b occurs") { one, other -> one || other }

    /** `. a b c` continues with ` b`, or with ` stop` if an ! occurs: one head inhibits what the other moves. */
    val inhibit: Program =
        Program("inhibit", "repeats the word before the last, unless ! occurs", letters("abc!"), longest = 6) {
            val previous = select(indices, indices) { row, other -> other == row as Int - 1 }
            val moved = aggregate(previous, tokens, Tokens.START)
            val inhibitor = aggregate(select(tokens) { it == "!" }, tokens, Tokens.START)
            sequenceMap(moved, inhibitor) { word, found -> if (found == "!") "stop" else word }
        }

    /** All programs. */
    val all: List<Program> = listOf(reverse, hist, fracPrevs, pairBalance, and, or, inhibit)

    private fun gate(
        name: String,
        description: String,
        open: (Boolean, Boolean) -> Boolean,
    ): Program =
        Program(name, description, letters("abc"), longest = 6) {
            val found = listOf("a", "b").map { word -> aggregate(select(tokens) { it == word }, tokens, Tokens.START) }
            sequenceMap(found[0], found[1]) { one, other -> if (open(one == "a", other == "b")) "yes" else "no" }
        }

    private fun letters(text: String): List<String> = text.map { "$it" }

    /** Returns the fraction with the smallest denominator. */
    private fun fraction(
        value: Double,
        longest: Int,
    ): String {
        val below = (1..longest).first { abs(value * it - Math.round(value * it)) < TIE }
        val above = Math.round(value * below)
        return if (below == 1) "$above" else "$above/$below"
    }

    /** Sums that should be 0 are closer to it than this. */
    private const val TIE = 1e-6
}
