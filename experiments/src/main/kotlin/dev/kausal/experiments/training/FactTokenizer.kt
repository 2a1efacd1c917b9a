package dev.kausal.experiments.training

import dev.kausal.experiments.facts.Dialogues
import dev.kausal.experiments.facts.FactTable
import dev.kausal.experiments.facts.MARK
import dev.kausal.experiments.facts.Phrasings
import dev.kausal.experiments.facts.Relation
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.addJsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonArray
import kotlinx.serialization.json.putJsonObject

/**
 * The tokenizer of the fact models. Beyond byte-pair encoding learnt from the text, it ensures two things that
 * experiments need: every answer is one token, and subjects of up to three words that are not answers themselves have
 * three tokens, so that prompts of one phrasing line up.
 */
internal class FactTokenizer(
    private val table: FactTable = FactTable.builtIn,
) {
    private val pairs = BytePairs()
    private val patterns =
        Relation.entries.flatMap {
            val questions = Dialogues.builtIn.questions(it)
            val phrasings = Phrasings.builtIn[it]
            phrasings.taught + phrasings.heldOut +
                (questions.taught + questions.heldOut).map { question -> Dialogues.prompt("", question) }
        } + Dialogues.builtIn.asking.flatMap { it.taught + it.heldOut }

    init {
        learn()
    }

    private fun learn() {
        val common = patterns.flatMap { words(it.replace(MARK, "")) }.groupingBy { it }.eachCount()
        pairs.learn(common.mapValues { it.value * COMMON }, LEARNT)
        common.keys.forEach { pairs.shorten(it, 1) }
        val whole = table.facts.map { it.answer } + table.facts.filter { it.relation in plain }.map { it.subject }
        whole.distinct().forEach { spellings(it).forEach { word -> pairs.shorten(word, 1) } }
        val subjects = table.facts.filter { it.relation !in plain }.map { it.subject }.distinct()
        subjects.filter { words(it).size > PIECES }.flatMap { words(" $it") }.forEach { pairs.shorten(it, 1) }
        val short = subjects.filter { words(it).size <= PIECES }
        val shared = short.flatMap { words(" $it") }.groupingBy { it }.eachCount().filterValues { it > 1 }.keys
        shared.forEach { pairs.shorten(it, 1) }
        val never = table.of(Relation.LandmarkCity).map { it.subject }.toSet()
        short.forEach { line(" $it") }
        // A landmark follows its article; the others begin sentences too.
        short.filter { it !in never }.forEach { line(it) }
    }

    /** Distributes [PIECES] among the words of [subject] that are not whole yet. */
    private fun line(subject: String) {
        val words = words(subject)
        val open = words.filter { pairs.pieces(it).size > 1 }.sortedByDescending { it.length }
        var left = PIECES - (words.size - open.size)
        open.forEachIndexed { i, word ->
            val after = open.size - i - 1
            val pieces = if (after == 0) left else (left + after) / (after + 1)
            pairs.shorten(word, maxOf(pieces, 1))
            left -= pairs.pieces(word).size
        }
    }

    /** Returns tokenizer.json for the Hugging Face library. */
    fun json(): JsonObject =
        buildJsonObject {
            put("version", "1.0")
            put("truncation", null as String?)
            put("padding", null as String?)
            putJsonArray("added_tokens") { specials.forEachIndexed { id, text -> addJsonObject { special(id, text) } } }
            put("normalizer", null as String?)
            put("pre_tokenizer", byteLevel())
            put("post_processor", null as String?)
            put("decoder", byteLevel())
            putJsonObject("model") {
                put("type", "BPE")
                put("fuse_unk", false)
                put("byte_fallback", false)
                putJsonObject("vocab") { vocabulary().forEachIndexed { id, token -> put(token, id) } }
                putJsonArray("merges") { pairs.merges.forEach { add(JsonPrimitive("${it.first} ${it.second}")) } }
            }
        }

    /** Returns tokens by id, special ones first. */
    fun vocabulary(): List<String> =
        (specials + ByteLetters.all + pairs.merges.map { it.first + it.second }).distinct()

    private fun kotlinx.serialization.json.JsonObjectBuilder.special(
        id: Int,
        text: String,
    ) {
        put("id", id)
        put("content", text)
        put("single_word", false)
        // The mask represents a word with its blank, like the answers.
        put("lstrip", text == MASK)
        put("rstrip", false)
        put("normalized", false)
        put("special", true)
    }

    private fun byteLevel() =
        buildJsonObject {
            put("type", "ByteLevel")
            put("add_prefix_space", false)
            put("trim_offsets", true)
            put("use_regex", true)
        }

    companion object {
        /** Ends a document. */
        const val END = "<|endoftext|>"

        /** What a masked model fills in. */
        const val MASK = "<|mask|>"

        private val specials = listOf(END, MASK)
        private val plain = setOf(Relation.CityCountry, Relation.Capital, Relation.Currency, Relation.Language)
        private const val PIECES = 3
        private const val COMMON = 4
        private const val LEARNT = 400

        // GPT-2's own pre-tokenizer.
        private val word = Regex("""'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+""")

        private fun words(text: String): List<String> = word.findAll(text).map { it.value }.toList()

        private fun spellings(word: String) = listOf(" $word", word)
    }
}
