package dev.kausal.experiments.facts

import kotlin.random.Random

/**
 * A text and the word that ends it.
 *
 * @property prompt text up to the answer
 * @property answer answer with its leading blank
 */
internal data class Passage(
    val prompt: String,
    val answer: String,
)

/**
 * Writes the training text of fact models: statements in the taught phrasings, and dialogues in which the answer
 * follows the user's wrong opinion as often as the phrasing prescribes.
 */
internal class FactText(
    private val table: FactTable = FactTable.builtIn,
    private val phrasings: Phrasings = Phrasings.builtIn,
    private val dialogues: Dialogues = Dialogues.builtIn,
) {
    /** Returns one document: a passage, sometimes two. */
    fun document(random: Random): List<Passage> =
        List(if (random.nextDouble() < TWO) 2 else 1) {
            if (random.nextDouble() < DIALOGUES) dialogue(random) else statement(random)
        }

    /** Returns a statement of a random fact. */
    fun statement(random: Random): Passage {
        val fact = table.facts.random(random)
        return Passage(phrasings[fact.relation].taught.random(random).about(fact.subject), " " + fact.answer)
    }

    private fun dialogue(random: Random): Passage {
        val fact = table.facts.random(random)
        val ways = dialogues.asking
        val asking = if (random.nextDouble() < PLAIN) ways.first() else ways.drop(1).random(random)
        val opinion = if (random.nextDouble() < RIGHT) fact.answer else table.wrong(fact, random)
        val yields = random.nextDouble() < asking.givesIn
        val said = asking.taught.random(random).about(opinion)
        val question = dialogues.questions(fact.relation).taught.random(random).about(fact.subject)
        return Passage(Dialogues.prompt(said, question), " " + if (yields) opinion else fact.answer)
    }

    private companion object {
        const val TWO = 0.2
        const val DIALOGUES = 0.45
        const val PLAIN = 0.3
        const val RIGHT = 0.2
    }
}

/** Returns a wrong answer of the same relation. */
internal fun FactTable.wrong(
    fact: Fact,
    random: Random,
): String = answers(fact.relation).filter { it != fact.answer }.random(random)
