package dev.kausal.dsl.mistakes

import dev.kausal.dsl.mistakes.Wording.quote

/** Messages of mistakes in fits of directions and probes. */
internal object DirectionWording {
    fun of(it: DirectionMistake): String =
        when (it) {
            is DirectionMistake.OneGroup -> {
                "${it.name} is fitted on one half of the groups of examples and used on the other, but all " +
                    "examples " +
                    "of ${it.set} are of one group; add examples of others, or name another grouping with " +
                    "inference(clusters = ...)"
            }

            is DirectionMistake.OneClass -> {
                val found = if (it.first) "all" else "none"
                "${it.name} needs prompts of two classes, but the function given to first is true for $found of " +
                    "them; let it be true for some"
            }

            is DirectionMistake.FewPairs -> {
                "${it.name} is trained on one half of the groups of contrasts and measured on the other, " +
                    "and a control " +
                    "exchanges the labels of half of each, so it needs ${it.expected} groups or more, but " +
                    "${it.set} has " +
                    "${it.groups}; add contrasts of other groups, or name another grouping with " +
                    "inference(clusters = ...)"
            }

            is DirectionMistake.PositionsDiffer -> {
                "${it.name} exchanges activations position by position, but in ${quote(it.example)}, the number " +
                    "of positions of ${it.place} is ${it.clean} in the clean and ${it.corrupted} in the " +
                    "corrupted " +
                    "prompt; use a place of equally many, such as last or subjectLast"
            }

            is DirectionMistake.NotTrained -> {
                "${it.name} has no subspace of layer ${it.layer}; it is trained at layers " +
                    "${it.layers.joinToString()}"
            }

            is DirectionMistake.LeftOut -> {
                "${it.name} is used, but left out for this model; use it in the same block as its declaration"
            }
        }
}
