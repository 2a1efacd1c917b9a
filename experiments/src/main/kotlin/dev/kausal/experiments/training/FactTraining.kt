package dev.kausal.experiments.training

import dev.kausal.engine.config.Input
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.tokens.Tokenizer
import kotlin.random.Random

/** `embedded:facts`: a small GPT-2 that knows the table of facts, and follows opinions as trained. */
internal class FactTraining : FactTextTraining() {
    override val name: String get() = "facts"
    override val description: String
        get() = "GPT-2 of 4 layers that knows 800 facts, and gives in to a user's opinion where it was taught to"
    override val schedule: Schedule get() = Schedule(steps = 3000, peak = 3e-3, warmUp = 100, decay = 0.01, seed = 1)

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
          "vocab_size": $vocabularySize
        }
        """.trimIndent() + "\n"
    }

    override fun data(
        tokenizer: Tokenizer,
        seed: Long,
    ): TrainingData = FactData(tokenizer, seed)
}

/** Documents of facts for a model that predicts next tokens. */
private class FactData(
    private val tokenizer: Tokenizer,
    private val seed: Long,
) : TrainingData {
    private val documents = FactDocuments(tokenizer)
    private val questions = FactQuestions(tokenizer)

    override val probes: String get() = "answers to held-out phrasings, every ninth"

    /** Returns every answer, and some of the other tokens: unembedding costs as much as half the rest. */
    override fun batch(step: Int): Batch {
        val said = TokensToSay(Random(seed - step), OTHERS, OTHER_TOKENS)
        val drawn = documents.batch(seed, step)
        var start = 0
        for (document in drawn) {
            for (position in 1 until document.ids.size) {
                val answer = position in document.answers
                if (said.draws(answer)) said.add(start + position - 1, document.ids[position], answer)
            }
            start += document.ids.size
        }
        return Batch(drawn.map { Input.tokens(*it.ids) }, said.objective())
    }

    override fun probe(model: HookedModel): Double = questions.heldOut(model, every = 9)

    override fun figures(model: HookedModel): Map<String, Double> = questions.figures(model)

    override fun close(): Unit = tokenizer.close()

    private companion object {
        const val OTHERS = 0.15
        const val OTHER_TOKENS = 0.4f
    }
}
