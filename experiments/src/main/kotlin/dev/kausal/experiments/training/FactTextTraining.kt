package dev.kausal.experiments.training

import dev.kausal.engine.gradients.Objective
import dev.kausal.engine.tokens.Tokenizer
import dev.kausal.engine.tokens.Tokenizers
import java.nio.file.Path
import kotlin.io.path.writeText
import kotlin.random.Random

/** A model trained on the text of facts, with its tokenizer. */
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

    /** Returns the data as tokens of [tokenizer], which they own. */
    protected abstract fun data(
        tokenizer: Tokenizer,
        seed: Long,
    ): TrainingData
}

/**
 * The target tokens of one step: every answer, and some of the other tokens.
 *
 * @property share share of other tokens that are targets
 * @property weight weight of one of them; an answer's is 1
 */
internal class TokensToSay(
    private val random: Random,
    private val share: Double,
    private val weight: Float,
) {
    private val rows = mutableListOf<Int>()
    private val targets = mutableListOf<Long>()
    private val weights = mutableListOf<Float>()

    /** Decides at random whether a token is a target. */
    fun draws(answer: Boolean): Boolean = answer || random.nextDouble() < share

    /** Adds [token] as the target of packed row [row]. */
    fun add(
        row: Int,
        token: Int,
        answer: Boolean,
    ) {
        rows += row
        targets += token.toLong()
        weights += if (answer) 1f else weight
    }

    /** Returns their loss. */
    fun objective(): Objective = WeightedTokens.mean(rows.toIntArray(), targets.toLongArray(), weights.toFloatArray())
}
