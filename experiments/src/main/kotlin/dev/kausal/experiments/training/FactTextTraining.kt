package dev.kausal.experiments.training

import dev.kausal.engine.gradients.Objective
import dev.kausal.engine.tokens.Tokenizer
import dev.kausal.engine.tokens.Tokenizers
import java.nio.file.Path
import kotlin.io.path.writeText
import kotlin.random.Random

/** A model that learns from the text of facts, and has its tokenizer. */
internal abstract class FactTextTraining : Training {
    override val licence: String get() = "Apache-2.0"
    private val tokenizer by lazy { FactTokenizer() }

    /** Size of the tokenizer's vocabulary. */
    protected val vocabularySize: Int get() = tokenizer.vocabulary().size

    override fun furnish(folder: Path): List<String> {
        folder.resolve("tokenizer.json").writeText("${tokenizer.json()}\n")
        return listOf("tokenizer.json")
    }

    override fun data(
        folder: Path,
        seed: Long,
        progress: (String) -> Unit,
    ): TrainingData = data(Tokenizers.open(folder), seed)

    /** The data as tokens of [tokenizer], which they own. */
    protected abstract fun data(
        tokenizer: Tokenizer,
        seed: Long,
    ): TrainingData
}

/**
 * The tokens of one step that the model should say: every answer, and some of the other tokens.
 *
 * @property share of the other tokens
 * @property weight of one of them; an answer's is 1
 */
internal class TokensToSay(
    private val random: Random,
    private val share: Double,
    private val weight: Float,
) {
    private val rows = mutableListOf<Int>()
    private val targets = mutableListOf<Long>()
    private val weights = mutableListOf<Float>()

    /** Draws whether a token is written. */
    fun draws(answer: Boolean): Boolean = answer || random.nextDouble() < share

    /** Wants packed row [row] to say [token]. */
    fun add(
        row: Int,
        token: Int,
        answer: Boolean,
    ) {
        rows += row
        targets += token.toLong()
        weights += if (answer) 1f else weight
    }

    /** Their loss. */
    fun objective(): Objective = WeightedTokens(rows.toIntArray(), targets.toLongArray(), weights.toFloatArray())
}
