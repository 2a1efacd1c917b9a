package dev.kausal.experiments.training

import dev.kausal.engine.tokens.Tokenizer
import dev.kausal.experiments.facts.FactText
import kotlin.random.Random

/**
 * A tokenised text of facts.
 *
 * @property answers positions of the answers
 */
internal class FactDocument(
    val ids: IntArray,
    val answers: Set<Int>,
)

/** Draws documents, the same for the same seed and step. */
internal class FactDocuments(
    private val tokenizer: Tokenizer,
) {
    private val text = FactText()
    private val known = HashMap<String, IntArray>()

    /** Returns the documents of a step, shortest first. */
    fun batch(
        seed: Long,
        step: Int,
    ): List<FactDocument> {
        val random = Random(seed * STRIDE + step)
        return List(DOCUMENTS) { draw(random) }.sortedBy { it.ids.size }
    }

    private fun draw(random: Random): FactDocument {
        val ids = mutableListOf<Int>()
        val answers = mutableSetOf<Int>()
        text.document(random).forEach { passage ->
            ids += encoded((if (ids.isEmpty()) "" else " ") + passage.prompt).asList()
            answers += ids.size
            ids += encoded(passage.answer).asList()
            ids += encoded(".").asList()
        }
        return FactDocument(ids.toIntArray(), answers)
    }

    private fun encoded(text: String) = known.getOrPut(text) { tokenizer.encode(text).ids() }

    private companion object {
        const val DOCUMENTS = 32
        const val STRIDE = 1_000_003L
    }
}
