package dev.kausal.experiments.training

/**
 * Byte-pair encoding of words (Sennrich et al. 2016) over bytes, like GPT-2's, while it is being learnt.
 *
 * Words include their leading blank. Later merges never undo earlier ones, so a word's pieces only grow together.
 */
internal class BytePairs {
    private val commonest =
        compareBy<Map.Entry<Pair<String, String>, Int>>({ -it.value }, { it.key.first }, { it.key.second })
    private val ranks = LinkedHashMap<Pair<String, String>, Int>()

    /** The merges in order, each two pieces. */
    val merges: List<Pair<String, String>> get() = ranks.keys.toList()

    /** Returns the pieces of [word], in byte letters. */
    fun pieces(word: String): List<String> {
        var pieces = ByteLetters.of(word).map { it.toString() }
        while (true) {
            val best = pieces.zipWithNext().minByOrNull { ranks[it] ?: Int.MAX_VALUE } ?: return pieces
            if (best !in ranks) return pieces
            pieces = joined(pieces, best)
        }
    }

    private fun joined(
        pieces: List<String>,
        pair: Pair<String, String>,
    ): List<String> =
        buildList {
            var i = 0
            while (i < pieces.size) {
                val both = i + 1 < pieces.size && pieces[i] == pair.first && pieces[i + 1] == pair.second
                add(if (both) pair.first + pair.second else pieces[i])
                i += if (both) 2 else 1
            }
        }

    private fun merge(pair: Pair<String, String>) {
        ranks.putIfAbsent(pair, ranks.size)
    }

    /** Learns up to [most] merges of the most frequent neighbours in [counts] of words, ties by name. */
    fun learn(
        counts: Map<String, Int>,
        most: Int,
    ) {
        var words = counts.map { (word, count) -> pieces(word) to count }
        repeat(most) {
            val pairs = HashMap<Pair<String, String>, Int>()
            for ((pieces, count) in words) pieces.zipWithNext().forEach { pairs.merge(it, count, Int::plus) }
            val best = pairs.entries.filter { it.value > 1 }.minWithOrNull(commonest)?.key ?: return
            merge(best)
            words = words.map { (pieces, count) -> joined(pieces, best) to count }
        }
    }

    /** Merges neighbours of [word], the shortest first, until at most [pieces] pieces remain. */
    fun shorten(
        word: String,
        pieces: Int,
    ) {
        while (true) {
            val now = pieces(word)
            if (now.size <= pieces) return
            merge(now.zipWithNext().minBy { it.first.length + it.second.length })
        }
    }
}

/** GPT-2's letters for bytes: printable ones represent themselves, the others start at U+0100. */
internal object ByteLetters {
    private val printable = ('!'.code..'~'.code) + ('\u00a1'.code..'\u00ac'.code) + ('\u00ae'.code..'\u00ff'.code)
    private val letters =
        (0..255).associateWith { byte ->
            if (byte in printable) byte.toChar() else (256 + (0 until byte).count { it !in printable }).toChar()
        }

    /** All 256, in the order of GPT-2's vocabulary. */
    val all: List<String> = (printable + (0..255).filter { it !in printable }).map { "${letters.getValue(it)}" }

    /** Returns [text] in UTF-8, one letter per byte. */
    fun of(text: String): String =
        text.toByteArray().joinToString("") { "${letters.getValue(it.toInt() and 0xff)}" }
}
