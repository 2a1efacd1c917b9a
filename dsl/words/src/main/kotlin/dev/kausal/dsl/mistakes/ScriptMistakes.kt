package dev.kausal.dsl.mistakes

import dev.kausal.engine.errors.KausalException

/** All mistakes of one script, by line. */
public class ScriptMistakes internal constructor(
    found: List<Mistake>,
) : KausalException(Blame.USER, Wording.all(found.inOrder())) {
    /** Mistakes by line; those without a line come last. */
    public val mistakes: List<Mistake> = found.inOrder()

    /** Mistakes for display: those that differ only in their layer or prompt are merged. */
    public val told: List<ToldMistake> get() = told(mistakes)

    private companion object {
        const val serialVersionUID: Long = 1L
    }
}

private fun List<Mistake>.inOrder(): List<Mistake> = sortedBy { it.line ?: Int.MAX_VALUE }
