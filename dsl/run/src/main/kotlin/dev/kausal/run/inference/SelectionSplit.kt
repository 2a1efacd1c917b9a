package dev.kausal.run.inference

import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.Grouping
import dev.kausal.spec.group
import java.util.Random

/**
 * Two halves of the examples' groups: heads are chosen on one and measured on the other. Sets with the same groups are
 * split alike.
 */
internal class SelectionSplit private constructor(
    private val groups: List<String>,
    private val choosing: Set<String>,
    private val by: Grouping,
) {
    constructor(
        contrasts: List<ContrastSpec>,
        by: Grouping,
        seed: Long,
    ) : this(groups(contrasts, by), by, Random(seed))

    private constructor(
        groups: List<String>,
        by: Grouping,
        random: Random,
    ) : this(groups, groups.shuffled(random).take((groups.size + 1) / 2).toSet(), by)

    /** Returns whether heads are chosen on [contrast]; otherwise they are measured on it. */
    fun chooses(contrast: ContrastSpec): Boolean = contrast.group(by) in choosing

    /** Returns the same halves with their roles exchanged. */
    private fun other() = SelectionSplit(groups, groups.toSet() - choosing, by)

    companion object {
        /** Number of tries after which no further distinct halves are expected. */
        private const val TRIES = 100

        private fun groups(
            contrasts: List<ContrastSpec>,
            by: Grouping,
        ) = contrasts.map { it.group(by) }.distinct().sorted()

        /**
         * Returns up to [count] distinct splits, fewer if there are no more. Every second one is its predecessor with
         * exchanged halves, so that all examples are measured.
         */
        fun several(
            contrasts: List<ContrastSpec>,
            by: Grouping,
            seed: Long,
            count: Int,
        ): List<SelectionSplit> {
            val random = Random(seed)
            val groups = groups(contrasts, by)
            val found = LinkedHashMap<Set<String>, SelectionSplit>()
            repeat(TRIES + count) {
                val next = SelectionSplit(groups, by, random)
                for (one in listOf(next, next.other())) if (found.size < count) found.putIfAbsent(one.choosing, one)
            }
            return found.values.toList()
        }
    }
}
