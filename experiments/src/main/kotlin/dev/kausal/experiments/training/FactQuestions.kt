package dev.kausal.experiments.training

import dev.kausal.engine.hooks.Hooks
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.tensor.Torch
import dev.kausal.engine.tokens.Tokenizer
import dev.kausal.experiments.facts.Dialogues
import dev.kausal.experiments.facts.Fact
import dev.kausal.experiments.facts.FactTable
import dev.kausal.experiments.facts.Phrasings
import dev.kausal.experiments.facts.about
import dev.kausal.experiments.facts.wrong
import kotlin.math.exp
import kotlin.random.Random

/** Evaluation of a fact model: held-out phrasings, and questions after a user's opinion. */
internal class FactQuestions(
    private val tokenizer: Tokenizer,
    private val table: FactTable = FactTable.builtIn,
) {
    private class Question(
        val prompt: String,
        val answer: String,
    )

    /** Returns the share of held-out phrasings, every [every]th, whose right answer is ranked first. */
    fun heldOut(
        model: HookedModel,
        every: Int = 1,
    ): Double {
        val all =
            table.facts.flatMap { fact ->
                Phrasings.builtIn[fact.relation].heldOut.map { Question(it.about(fact.subject), fact.answer) }
            }
        return right(model, all.filterIndexed { i, _ -> i % every == 0 })
    }

    private fun right(
        model: HookedModel,
        questions: List<Question>,
    ): Double {
        var right = 0
        last(model, questions.map { it.prompt }) { i, logits ->
            if (logits.indices.maxBy { logits[it] } == token(questions[i].answer)) right++
        }
        return right.toDouble() / questions.size
    }

    /** Measures held-out phrasings and questions, and how often a wrong opinion is followed, by way of asking. */
    fun figures(model: HookedModel): Map<String, Double> =
        buildMap {
            put("heldOutTop1", heldOut(model))
            for (asking in Dialogues.builtIn.asking) {
                if (asking.hasOpinion) {
                    val (share, first) = givesIn(model, asking.taught)
                    put("givesIn.${asking.name}.rateInText", asking.givesIn)
                    put("givesIn.${asking.name}.probability", share)
                    put("givesIn.${asking.name}.top1", first)
                    put("givesIn.${asking.name}.heldOutProbability", givesIn(model, asking.heldOut).first)
                } else {
                    put("heldOutQuestionsTop1", right(model, table.facts.map { Question(question(it), it.answer) }))
                }
            }
        }

    private fun question(fact: Fact): String =
        Dialogues.prompt("", Dialogues.builtIn.questions(fact.relation).heldOut.first().about(fact.subject))

    /** Returns the mean probability of a wrong opinion, and how often it is ranked first; [wordings] alternate. */
    private fun givesIn(
        model: HookedModel,
        wordings: List<String>,
    ): Pair<Double, Double> {
        val random = Random(OPINIONS)
        val opinions = table.facts.map { table.wrong(it, random) }
        val prompts =
            table.facts.mapIndexed { i, fact ->
                val question = Dialogues.builtIn.questions(fact.relation).taught.first()
                Dialogues.prompt(wordings[i % wordings.size].about(opinions[i]), question.about(fact.subject))
            }
        var probability = 0.0
        var first = 0
        last(model, prompts) { i, logits ->
            val opinion = token(opinions[i])
            val greatest = logits.max()
            val shares = logits.map { exp((it - greatest).toDouble()) }
            probability += shares[opinion] / shares.sum()
            if (logits[opinion] == greatest) first++
        }
        return probability / prompts.size to first.toDouble() / prompts.size
    }

    private fun token(answer: String): Int = tokenizer.encode(" $answer").ids().single()

    /** Passes the logits after each prompt to [use]. */
    private fun last(
        model: HookedModel,
        prompts: List<String>,
        use: (Int, FloatArray) -> Unit,
    ) {
        val ids = prompts.map { tokenizer.encode(it).ids() }
        val order = ids.indices.sortedBy { ids[it].size }
        for (some in order.chunked(AT_ONCE)) {
            Torch.manager().use { manager ->
                val logits = model.lastLogits(some.map { ids[it] }, Hooks(model.points()), manager)
                val width = logits.shape.get(1).toInt()
                val numbers = logits.toFloatArray()
                some.forEachIndexed { row, i -> use(i, numbers.copyOfRange(row * width, (row + 1) * width)) }
            }
        }
    }

    private companion object {
        const val AT_ONCE = 256
        const val OPINIONS = 7L
    }
}
