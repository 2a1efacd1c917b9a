package dev.kausal.dsl

import dev.kausal.dsl.host.ScriptLines
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.dsl.mistakes.ScriptMistakes
import dev.kausal.spec.FilterSpec
import dev.kausal.spec.Grouping

/** A rule for keeping contrasts, based on the unedited model's answers. */
public class Filter internal constructor(
    internal val spec: FilterSpec,
)

/**
 * Keeps contrasts whose clean prompt has the answer among the [rank] most likely next tokens and, with [corruptedToo],
 * whose corrupted prompt has the foil there.
 */
public fun knows(
    rank: Int = 1,
    corruptedToo: Boolean = true,
): Filter {
    if (rank < 1) throw ScriptMistakes(listOf(Mistake.BadValue(ScriptLines.line(), "rank", "$rank", "1 or more")))
    return Filter(FilterSpec.Knows(rank, corruptedToo))
}

/** Keeps contrasts whose clean prompt gives the answer a logit more than [margin] above the foil's. */
public fun prefersAnswer(margin: Double = 0.0): Filter = Filter(FilterSpec.Prefers(margin))

/**
 * Keeps contrasts whose clean prompt gives the answer the highest log-likelihood among several candidates. A contrast
 * without its own `candidates` competes with the answers and foils of the set's contrasts that share [among].
 *
 * With k candidates, chance keeps one in k; results include their number, and the answer's rank among them and among
 * all tokens. The likelihood of a candidate of several tokens is the product over its tokens, so longer candidates are
 * at a disadvantage.
 */
public fun answersAmong(among: Grouping = perRelation): Filter = Filter(FilterSpec.Among(among))

/**
 * Keeps inputs that the model gets wrong: its largest output is not the answer, or the image's label.
 *
 * @param atMost largest number to keep: those with the highest probability
 */
public fun mistaken(atMost: Int? = null): Filter {
    if (atMost != null && atMost < 1) {
        throw ScriptMistakes(listOf(Mistake.BadValue(ScriptLines.line(), "atMost", "$atMost", "1 or more")))
    }
    return Filter(FilterSpec.Mistaken(atMost))
}
