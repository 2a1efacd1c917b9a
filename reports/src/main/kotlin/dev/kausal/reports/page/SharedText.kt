package dev.kausal.reports.page

import dev.kausal.reports.words.listed
import dev.kausal.spec.Result

/** Texts shared by several figures or results of a page, which are stated once. */
internal class SharedText(
    private val results: List<Result>,
) {
    private val namesByNote: Map<String, List<String>> =
        results.flatMap { result -> result.notes.map { it to result.name } }.groupBy({ it.first }, { it.second })
    private val figureByReading = HashMap<String, Int>()
    private val stated = HashSet<String>()

    /** Returns [sentence] the first time; null afterwards. */
    fun once(sentence: String): String? = sentence.takeIf { stated.add(it) }

    /** Returns the notes that several results share, with the results' names. */
    fun notes(): List<String> =
        namesByNote.filterValues { it.size > 1 }.map { (note, names) ->
            "${namesOf(names, results) ?: "All results"}: $note"
        }

    /** Returns the notes that only [result] has. */
    fun ownNotes(result: Result): List<String> = result.notes.filter { namesByNote[it].orEmpty().size < 2 }

    /** Returns [sentences] without repeated ones that have no numbers. */
    fun fresh(sentences: List<String>): List<String> = sentences.filter { it.any(Char::isDigit) || stated.add(it) }

    /**
     * Returns an earlier figure with the same explanation [text]; null if [figure] is the first, or [text] is empty.
     */
    fun firstWith(
        text: String,
        figure: Int,
    ): Int? = if (text.isEmpty()) null else figureByReading.putIfAbsent(text, figure)
}

/** Returns [names] as a list; null if they are all [results] of a page, and more than [FEW]. */
internal fun namesOf(
    names: List<String>,
    results: List<Result>,
): String? = listed(names).takeUnless { names.size > FEW && names.size == results.size }

/** Number of names that a list may have in any case. */
private const val FEW = 3
