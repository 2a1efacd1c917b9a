package dev.kausal.compile

import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.Grouping
import dev.kausal.spec.group
import java.util.Random

/**
 * Two halves of the groups that examples fall into: what is chosen on one is measured on the other. Sets of examples with the
 * same groups are split alike.
 */
internal class Halves(
    contrasts: List<ContrastSpec>,
    private val by: Grouping,
    seed: Long,
) {
    private val choosing: Set<String>

    init {
        val groups = contrasts.map { it.group(by) }.distinct().sorted()
        choosing = groups.shuffled(Random(seed)).take((groups.size + 1) / 2).toSet()
    }

    /** Whether heads are chosen on [contrast]; if not, they are measured on it. */
    fun chooses(contrast: ContrastSpec): Boolean = contrast.group(by) in choosing
}
