package dev.kausal.run.inference

import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.Grouping
import dev.kausal.spec.group
import dev.kausal.statistics.Dependence
import dev.kausal.statistics.Studentised

/**
 * The cluster of each example, and what else repeats across examples.
 *
 * Examples with the same clean subject form a cluster. Their corrupted subjects, answers and foils, and phrasings
 * repeat across clusters; standard errors allow for this if there are enough of them to estimate their variation.
 * Otherwise conclusions are limited to those present, and notes say so.
 */
internal class Clusters(
    private val contrasts: List<ContrastSpec>,
    by: Grouping,
) {
    /** The cluster of each example. */
    val labels: List<String> = contrasts.map { it.group(by) }

    /** Repeating properties that errors allow for. */
    val also = mutableListOf<Grouping>()

    /** Notes on repeating properties that errors cannot allow for. */
    val notes = mutableListOf<String>()

    /** Dependence between examples; null if clusters cover all of it. */
    val dependence: Dependence?

    init {
        var found = Dependence(labels.map { setOf(it) })
        var shared = labels.map { setOf<Any>(SUBJECT to it) }
        // Other clusters are the script's choice, which is respected.
        if (by == Grouping.Subject && labels.distinct().size >= Studentised.FEWEST) {
            for (grouping in listOf(Grouping.CorruptedSubject, Grouping.Foil, Grouping.Template)) {
                val wider = shared.zip(contrasts.map { labels(it, grouping) }) { a, b -> a + b }
                val next = Dependence(wider)
                if (next.independent > found.independent - SAME) continue
                if (next.independent < Studentised.FEWEST) {
                    notes += tooFew(grouping)
                } else {
                    also += grouping
                    shared = wider
                    found = next
                }
            }
        }
        dependence = found.takeIf { also.isNotEmpty() }
    }

    /** Returns labels: a subject is the same in clean and corrupted prompts, a token the same as answer and as foil. */
    private fun labels(
        contrast: ContrastSpec,
        grouping: Grouping,
    ): Set<Any> =
        when (grouping) {
            Grouping.CorruptedSubject -> {
                setOfNotNull(contrast.corrupted?.let { SUBJECT to contrast.group(grouping) })
            }

            Grouping.Foil -> {
                (contrast.answers + contrast.foils).map { TOKEN to it.id }.toSet()
            }

            else -> {
                setOfNotNull(contrast.groups[grouping]?.let { grouping to it })
            }
        }

    private fun tooFew(grouping: Grouping): String =
        when (grouping) {
            Grouping.CorruptedSubject -> {
                "Too few corrupted subjects to generalise beyond them."
            }

            Grouping.Foil -> {
                "Too few answers and foils to generalise beyond them."
            }

            else -> {
                val count = contrasts.mapNotNull { it.groups[grouping] }.distinct().size
                val phrasings = if (count == 1) "1 phrasing" else "$count phrasings"
                "Too few phrasings to generalise beyond them: $phrasings."
            }
        }

    private companion object {
        const val SUBJECT = "subject"
        const val TOKEN = "token"
        const val SAME = 1e-9
    }
}
