package dev.kausal.dsl

import dev.kausal.engine.tokens.Encoding
import dev.kausal.engine.tokens.Tokenizer

/** Words with their leading blank are tokens; words of [pieces] are cut further. Ids are given in order of sight. */
class FakeTokenizer(
    private val pieces: Map<String, List<String>> = mapOf("Paris" to listOf("Par", "is"), "Rome" to listOf("Ro", "me")),
) : Tokenizer {
    private val vocabulary = mutableListOf<String>()

    override fun encode(text: String): Encoding {
        val found = Regex(" ?\\S+| ").findAll(text).flatMap { split(it.value, it.range.first) }.toList()
        return Encoding(
            text,
            found.map { id(it.first) }.toIntArray(),
            found.map { it.second }.toIntArray(),
            found.map { it.second + it.first.length }.toIntArray(),
        )
    }

    private fun split(
        word: String,
        start: Int,
    ): List<Pair<String, Int>> {
        var at = start
        return (pieces[word] ?: listOf(word)).map { piece -> (piece to at).also { at += piece.length } }
    }

    fun id(token: String): Int {
        if (token !in vocabulary) vocabulary += token
        return vocabulary.indexOf(token)
    }

    override fun text(id: Int): String = vocabulary[id]

    override fun has(id: Int): Boolean = id in vocabulary.indices

    override fun decode(vararg ids: Int): String = ids.joinToString("") { vocabulary[it] }

    override fun vocabularySize(): Int = 1000

    override fun close() = Unit
}

/** Puts a blank of its own before every text, as SentencePiece's do. */
class PrefixingTokenizer(
    private val inner: FakeTokenizer = FakeTokenizer(),
) : Tokenizer by inner {
    override fun encode(text: String): Encoding {
        val prefixed = inner.encode(" $text")

        fun shifted(offsets: IntArray) = IntArray(offsets.size) { maxOf(0, offsets[it] - 1) }
        return Encoding(text, prefixed.ids(), shifted(prefixed.starts()), shifted(prefixed.ends()))
    }
}
