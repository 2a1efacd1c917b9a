package dev.kausal.dsl.mistakes

/** Messages of mistakes in fits of directions and probes. */
internal object DirectionWording {
    fun of(it: DirectionMistake): String =
        when (it) {
            is DirectionMistake.OneGroup -> {
                "${it.name} is fitted on one half of the groups of examples and used on the other, but all examples " +
                    "of ${it.set} are of one group; add examples of others, or name another grouping with " +
                    "inference(clusters = ...)"
            }

            is DirectionMistake.OneClass -> {
                val found = if (it.first) "all" else "none"
                "${it.name} needs prompts of two classes, but the function given to first is true for $found of " +
                    "them; let it be true for some"
            }

            is DirectionMistake.LeftOut -> {
                "${it.name} is used, but left out for this model; use it in the same block as its declaration"
            }
        }
}
