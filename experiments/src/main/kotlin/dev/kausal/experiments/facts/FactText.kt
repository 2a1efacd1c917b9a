package dev.kausal.experiments.facts

import kotlin.random.Random

/**
 * A stretch of text with the word that ends it.
 *
 * @property prompt up to where the answer begins
 * @property answer with its leading blank
 */
internal data class Passage(
    val prompt: String,
    val answer: String,
)

/**
 * Writes the text that models of facts are trained on: statements in the taught phrasings, and dialogues in which the
 * answer follows the user's wrong opinion as often as the way of asking says.
 */
internal class FactText(
    private val table: FactTable = FactTable.builtIn,
    private val phrasings: Phrasings = Phrasings.builtIn,
    private val dialogues: Dialogues = Dialogues.builtIn,
) {
    /** One document: a passage, sometimes two. */
    fun document(random: Random): List<Passage> =
        List(if (random.nextDouble() < TWO) 2 else 1) {
            if (random.nextDouble() < DIALOGUES) dialogue(random) else statement(random)
        }

    /** A statement of a fact drawn at random. */
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

/** An answer of the same relation that is not the right one. */
internal fun FactTable.wrong(
    fact: Fact,
    random: Random,
): String = answers(fact.relation).filter { it != fact.answer }.random(random)
