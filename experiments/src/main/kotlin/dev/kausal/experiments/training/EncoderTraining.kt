package dev.kausal.experiments.training

import dev.kausal.engine.config.Input
import dev.kausal.engine.hooks.Hooks
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.tensor.Torch
import dev.kausal.engine.tokens.Tokenizer
import dev.kausal.experiments.facts.FactTable
import dev.kausal.experiments.facts.Phrasings
import dev.kausal.experiments.facts.about
import kotlin.random.Random

/** `embedded:encoder`: a small DistilBERT that fills in answers in the training text of `facts`. */
internal class EncoderTraining : FactTextTraining() {
    override val name: String get() = "encoder"
    override val description: String get() = "DistilBERT of 3 layers that fills in masked words of the same facts"
    override val schedule: Schedule get() = Schedule(steps = 3000, peak = 2e-3, warmUp = 200, decay = 0.01, seed = 1)

    override val config: String by lazy {
        """
        {
          "architectures": ["DistilBertForMaskedLM"],
          "model_type": "distilbert",
          "activation": "gelu",
          "dim": 96,
          "hidden_dim": 384,
          "max_position_embeddings": 64,
          "n_heads": 4,
          "n_layers": 3,
          "pad_token_id": 0,
          "sinusoidal_pos_embds": false,
          "tie_word_embeddings": true,
          "vocab_size": $vocabularySize
        }
        """.trimIndent() + "\n"
    }

    override fun data(
        tokenizer: Tokenizer,
        seed: Long,
    ): TrainingData = EncoderData(tokenizer, seed)
}

/** Documents of facts with every answer masked, and some other tokens. */
private class EncoderData(
    private val tokenizer: Tokenizer,
    private val seed: Long,
) : TrainingData {
    private val documents = FactDocuments(tokenizer)
    private val mask = tokenizer.encode(FactTokenizer.MASK).ids().single()

    override val probes: String get() = "masked answers of held-out phrasings, every ninth"

    override fun batch(step: Int): Batch {
        val said = TokensToSay(Random(seed - step), OTHERS, OTHER_TOKENS)
        var start = 0
        val inputs =
            documents.batch(seed, step).map { document ->
                val ids = document.ids.copyOf()
                ids.indices.filter { said.draws(it in document.answers) }.forEach {
                    said.add(start + it, ids[it], it in document.answers)
                    ids[it] = mask
                }
                start += ids.size
                Input.tokens(*ids)
            }
        return Batch(inputs, said.objective())
    }

    override fun probe(model: HookedModel): Double = heldOut(model, every = 9)

    override fun figures(model: HookedModel): Map<String, Double> = mapOf("heldOutTop1" to heldOut(model, every = 1))

    /** Returns the share of held-out phrasings, ended by a full stop, whose masked answer is ranked first. */
    private fun heldOut(
        model: HookedModel,
        every: Int,
    ): Double {
        val stop = tokenizer.encode(".").ids()
        val asked =
            FactTable.builtIn.facts.flatMap { fact ->
                val answer = tokenizer.encode(" ${fact.answer}").ids().single()
                val phrasings = Phrasings.builtIn[fact.relation].heldOut
                phrasings.map { tokenizer.encode(it.about(fact.subject)).ids() to answer }
            }.filterIndexed { i, _ -> i % every == 0 }.sortedBy { it.first.size }
        var right = 0
        for (some in asked.chunked(AT_ONCE)) {
            Torch.manager().use { manager ->
                val inputs = some.map { Input.tokens(*(it.first + mask + stop)) }
                val logits = model.outputs(inputs, Hooks(model.points()), manager)
                val best = logits.argMax(1).toLongArray()
                var row = 0
                some.forEachIndexed { i, (prompt, answer) ->
                    if (best[row + prompt.size] == answer.toLong()) right++
                    row += inputs[i].length()
                }
            }
        }
        return right.toDouble() / asked.size
    }

    override fun close(): Unit = tokenizer.close()

    private companion object {
        const val OTHERS = 0.1
        const val OTHER_TOKENS = 0.1f
        const val AT_ONCE = 128
    }
}
