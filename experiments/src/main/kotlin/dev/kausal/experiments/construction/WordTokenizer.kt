package dev.kausal.experiments.construction

import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonArray
import kotlinx.serialization.json.putJsonObject

/**
 * A tokenizer.json of whole words; unknown words become its first token.
 *
 * @property word regular expression of a word
 */
internal class WordTokenizer(
    private val word: String,
) {
    fun json(vocabulary: List<String>): JsonObject =
        buildJsonObject {
            put("version", "1.0")
            put("truncation", null as String?)
            put("padding", null as String?)
            putJsonArray("added_tokens") {}
            put("normalizer", null as String?)
            putJsonObject("pre_tokenizer") {
                put("type", "Split")
                putJsonObject("pattern") { put("Regex", word) }
                put("behavior", "Isolated")
                put("invert", false)
            }
            put("post_processor", null as String?)
            putJsonObject("decoder") { put("type", "Fuse") }
            putJsonObject("model") {
                put("type", "WordLevel")
                putJsonObject("vocab") { vocabulary.forEachIndexed { id, token -> put(token, id) } }
                put("unk_token", vocabulary.first())
            }
        }
}
