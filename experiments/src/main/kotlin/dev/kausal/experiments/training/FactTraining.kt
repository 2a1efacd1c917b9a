package dev.kausal.experiments.training

import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.model.Input
import dev.kausal.engine.tokens.Tokenizer
import dev.kausal.engine.tokens.Tokenizers
import java.nio.file.Path
import kotlin.io.path.writeText
import kotlin.random.Random

/** `embedded:facts`: a small GPT-2 that knows the table of facts, and gives in to opinions as it was taught. */
internal class FactTraining : Training {
    override val name: String get() = "facts"
    override val description: String
        get() = "GPT-2 of 4 layers that knows 800 facts, and gives in to a user's opinion where it was taught to"
    override val licence: String get() = "Apache-2.0"
    override val schedule: Schedule get() = Schedule(steps = 3000, peak = 3e-3, warmUp = 100, decay = 0.01, seed = 1)
    private val tokenizer by lazy { FactTokenizer() }

    override val config: String by lazy {
        """
        {
          "architectures": ["GPT2LMHeadModel"],
          "model_type": "gpt2",
          "activation_function": "gelu_new",
          "layer_norm_epsilon": 1e-05,
          "n_ctx": 64,
          "n_embd": 128,
          "n_head": 4,
          "n_layer": 4,
          "n_positions": 64,
          "tie_word_embeddings": true,
          "vocab_size": ${tokenizer.vocabulary().size}
        }
        """.trimIndent() + "\n"
    }

    override fun furnish(folder: Path): List<String> {
        folder.resolve("tokenizer.json").writeText("${tokenizer.json()}\n")
        return listOf("tokenizer.json")
    }

    override fun data(
        folder: Path,
        seed: Long,
        progress: (String) -> Unit,
    ): TrainingData = FactData(Tokenizers.open(folder), seed)
}

/** Documents of facts for a model that predicts next tokens. */
private class FactData(
    private val tokenizer: Tokenizer,
    private val seed: Long,
) : TrainingData {
    private val documents = FactDocuments(tokenizer)
    private val questions = FactQuestions(tokenizer)

    override val probes: String get() = "answers to held-out phrasings, every ninth"

    /** Every answer, and some of the other tokens: unembedding costs as much as half the rest. */
    override fun batch(step: Int): Batch {
        val random = Random(seed - step)
        val rows = mutableListOf<Int>()
        val targets = mutableListOf<Long>()
        val weights = mutableListOf<Float>()
        val drawn = documents.batch(seed, step)
        var start = 0
        for (document in drawn) {
            for (position in 1 until document.ids.size) {
                val answer = position in document.answers
                if (!answer && random.nextDouble() >= OTHERS) continue
                rows += start + position - 1
                targets += document.ids[position].toLong()
                weights += if (answer) 1f else OTHER_TOKENS
            }
            start += document.ids.size
        }
        val objective = WeightedTokens(rows.toIntArray(), targets.toLongArray(), weights.toFloatArray())
        return Batch(drawn.map { Input.tokens(*it.ids) }, objective)
    }

    override fun probe(model: HookedModel): Double = questions.heldOut(model, every = 9)

    override fun figures(model: HookedModel): Map<String, Double> = questions.figures(model)

    override fun close(): Unit = tokenizer.close()

    private companion object {
        const val OTHERS = 0.15
        const val OTHER_TOKENS = 0.4f
    }
}
