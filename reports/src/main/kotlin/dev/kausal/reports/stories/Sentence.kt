package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid

/** A sentence of a report, with the condition under which it is true. Tests cover where each must not appear. */
internal fun interface Sentence {
    /** Returns the sentence, written from the numbers of [grid]; null if its condition does not hold there. */
    fun of(grid: ResultGrid): String?
}

/** Returns the first sentence whose condition holds. */
internal fun List<Sentence>.first(grid: ResultGrid): String? = firstNotNullOfOrNull { it.of(grid) }

/** Returns all sentences whose conditions hold. */
internal fun List<Sentence>.all(grid: ResultGrid): List<String> = mapNotNull { it.of(grid) }

/**
 * States, after a blank, that a number was chosen as the largest of [cells] on the examples that it was measured on; empty if there was
 * no choice.
 */
internal fun largestOf(cells: Int): String =
    if (cells <
        2
    ) {
        ""
    } else {
        " It is the largest of $cells on the same examples, and so more likely too large than too small."
    }
