package dev.kausal.run.directions

import dev.kausal.engine.errors.KausalException
import dev.kausal.run.inference.SelectionSplit
import dev.kausal.spec.Grouping
import dev.kausal.spec.group

/**
 * Two halves of the groups of examples, both with prompts of both classes: what is fitted on one is used and measured on the other.
 *
 * @property by what the examples of a group have in common
 * @property of the half of each group, 0 or 1
 */
internal class Halves private constructor(
    val by: Grouping,
    val of: Map<String, Int>,
) {
    companion object {
        /**
         * Returns halves of the examples of [labelled]; the groups of each class are divided evenly.
         *
         * @throws FewGroupsException if a half lacks a class
         */
        fun of(
            name: String,
            labelled: LabelledVectors,
            by: Grouping,
            seed: Long,
        ): Halves {
            val examples = labelled.examples
            val halves = HashMap<String, Int>()
            for (isFirst in listOf(true, false)) {
                val own = labelled.prompts.filter { it.isFirst == isFirst }.map { examples[it.example] }.distinct()
                val rest = own.filter { it.group(by) !in halves }
                if (rest.isEmpty()) continue
                val split = SelectionSplit(rest, by, seed)
                rest.associateTo(halves) { it.group(by) to if (split.chooses(it)) 0 else 1 }
            }
            val found = labelled.prompts.map { halves.getValue(examples[it.example].group(by)) to it.isFirst }.toSet()
            if (found.size < CLASSES_AND_HALVES) throw FewGroupsException(name, halves.size)
            return Halves(by, halves)
        }

        private const val CLASSES_AND_HALVES = 4
    }
}

/** The contrasts that a filter keeps are too few to exchange the labels of half of each half. */
public class FewPairsException(
    name: String,
    pairs: Int,
) : KausalException(
        Blame.USER,
        "'$name' exchanges the labels of half of the contrasts of each half as a control, but the run has " +
            (if (pairs == 1) "1 contrast" else "$pairs contrasts") +
            ", and a half has fewer than 2. Add contrasts of other groups, or filter fewer out.",
    ) {
    private companion object {
        const val serialVersionUID: Long = 1L
    }
}

/** The examples that a filter keeps are too few to fit on one half and measure on the other. */
public class FewGroupsException(
    name: String,
    groups: Int,
) : KausalException(
        Blame.USER,
        "'$name' is fitted on one half of the groups of examples and used on the other, but the run has " +
            (if (groups == 1) "1 group" else "$groups groups") +
            ", and a half lacks one of the two classes. Add examples of other groups, or filter fewer out.",
    ) {
    private companion object {
        const val serialVersionUID: Long = 1L
    }
}
