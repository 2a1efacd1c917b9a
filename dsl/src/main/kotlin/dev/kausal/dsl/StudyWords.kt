package dev.kausal.dsl

import dev.kausal.spec.Order

// Analyses that build on sweeps over heads.

/**
 * Ablates heads alone and in pairs: what each pair changes beyond the sum of what its heads change alone. The heads are
 * the [top] of [rankings], taken in turns.
 *
 * @param rankings sweeps over `heads`, or a [headDifference]
 * @param order which end of a ranking is its top
 * @param with what is put in the heads' place
 * @param on the run that is edited
 */
public fun ExperimentScope.interaction(
    contrasts: Contrasts<*>,
    metric: PlainMetric,
    vararg rankings: GridHandle,
    order: Order = Order.Strongest,
    top: Int = 8,
    with: Replacement = zero,
    on: Run = clean,
): Analysis<ComparisonHandle> {
    val line = ScriptLines.line()
    val heads = HeadChoice.Ranked(rankings.map { it.name }, order, top)
    return analysis(::ComparisonHandle) {
        DeclaredAnalysis.Interaction(it, contrasts, line, metric, heads, with.value, on)
    }
}

/** Ablates [heads] alone and in pairs: what each pair changes beyond the sum of what its heads change alone. */
public fun ExperimentScope.interaction(
    contrasts: Contrasts<*>,
    metric: PlainMetric,
    heads: Iterable<Head>,
    with: Replacement = zero,
    on: Run = clean,
): Analysis<ComparisonHandle> {
    val line = ScriptLines.line()
    val named = HeadChoice.Named(heads.toList())
    return analysis(::ComparisonHandle) {
        DeclaredAnalysis.Interaction(it, contrasts, line, metric, named, with.value, on)
    }
}

/**
 * The effects of [of] minus those of [minus], cell by cell and question by question: two sweeps with the same axes and
 * metric, or two head differences, on sets that ask the same questions (clean prompt, answer and foil).
 */
public fun ExperimentScope.difference(
    of: GridHandle,
    minus: GridHandle,
): Analysis<ComparisonHandle> {
    val line = ScriptLines.line()
    return analysis(::ComparisonHandle) {
        DeclaredAnalysis.Difference(it, inputsOf(listOf(of.name)), line, of.name, minus.name)
    }
}
