package dev.kausal.experiments.training

import dev.kausal.engine.model.Checkpoint
import dev.kausal.experiments.construction.WordTokenizer
import dev.kausal.experiments.construction.rasp.Program
import java.nio.file.Path
import kotlin.io.path.writeText
import dev.kausal.experiments.construction.rasp.Schedule as Places

/**
 * `embedded:siit-NAME`: an ordinary GPT-2 that is trained to compute a program, each variable in a part of its own (strict
 * interchange intervention training, Gupta et al. 2024).
 */
internal class InterchangeTraining(
    private val program: Program,
) : Training {
    override val name: String get() = "siit-${program.name}"
    override val description: String
        get() = "GPT-2 of $layers layers, trained to compute a program part by part: ${program.description}"
    override val licence: String get() = "Apache-2.0"
    override val schedule: Schedule get() = Schedule(steps = 2000, peak = 2e-3, warmUp = 100, decay = 0.01, seed = 1)
    private val layers get() = maxOf(LEAST_LAYERS, Places(program).layers)

    override val config: String
        get() =
            """
            {
              "architectures": ["GPT2LMHeadModel"],
              "model_type": "gpt2",
              "activation_function": "gelu_new",
              "layer_norm_epsilon": 1e-05,
              "n_embd": 64,
              "n_head": 4,
              "n_layer": $layers,
              "n_positions": ${program.longest + 1},
              "tie_word_embeddings": false,
              "vocab_size": ${program.vocabulary.size}
            }
            """.trimIndent() + "\n"

    override fun furnish(folder: Path): List<String> {
        folder.resolve(TOKENIZER).writeText("${WordTokenizer(" ?[^ ]+").json(program.vocabulary)}\n")
        return listOf(TOKENIZER)
    }

    override fun data(
        folder: Path,
        seed: Long,
        progress: (String) -> Unit,
    ): TrainingData = InterchangeData(program, Checkpoint.of(config).config(), seed)

    private companion object {
        const val TOKENIZER = "tokenizer.json"

        /** One of the layers has no part in the programs of one. */
        const val LEAST_LAYERS = 2
    }
}
