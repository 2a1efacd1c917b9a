package dev.kausal.dsl.bind

import dev.kausal.dsl.SweepDeclaration
import dev.kausal.dsl.mistakes.EstimateMistake
import dev.kausal.spec.CellSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.EstimateSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.RunSpec
import dev.kausal.spec.ScreeningSpec

/** Reports what keeps [sweep] from being estimated from gradients as it asks for. */
internal fun Binding.estimate(
    sweep: SweepDeclaration,
    set: ContrastSetSpec,
    metric: MetricSpec,
    cells: List<CellSpec>,
) {
    val by = sweep.by?.spec
    val exact = sweep.exact?.spec
    if (exact != null) screening(sweep.line, exact, by, cells.size)
    if (by == null) return
    gradient(sweep.line, metric, by, ofClean = cells.any { it.run == RunSpec.Clean })
    (metric.plain as? MetricSpec.Likelihood)?.let { likelihoodEstimate(sweep.line, it, by, set) }
    if (by.unsigned && metric is MetricSpec.Recovery) {
        mistakes += EstimateMistake.NoSign(sweep.line, "${metric.text} is a share of a difference", metric.plain.text)
    }
    if (by is EstimateSpec.IntegratedGradients) path(sweep.line, set, cells)
}

/**
 * Reports a [metric] without a gradient, a path without points, and passes that drop what the only layer writes.
 *
 * @param ofClean whether gradients are taken in the clean run
 * @param ofEdges whether edges are estimated, which are otherwise run one by one, rather than a sweep
 */
internal fun Binding.gradient(
    line: Int?,
    metric: MetricSpec,
    by: EstimateSpec,
    ofClean: Boolean,
    ofEdges: Boolean = false,
) {
    val plain = metric.plain
    if (plain is MetricSpec.Named || plain == MetricSpec.Accuracy) {
        mistakes += EstimateMistake.NoGradient(line, plain.text, plain is MetricSpec.Named, ofEdges)
    }
    if (plain == MetricSpec.Kl && by is EstimateSpec.Gradient && ofClean) {
        mistakes += EstimateMistake.FlatMetric(line, plain.text)
    }
    if (by is EstimateSpec.IntegratedGradients && by.steps < 1) {
        bad(line, "the number of steps", "${by.steps}", "1 or more")
    }
    if (by.unsigned && facts.shape.layers < 2) {
        bad(line, "writes", "dropped", "left out: this model has one layer, without which nothing is left")
    }
}

private fun Binding.screening(
    line: Int?,
    exact: ScreeningSpec,
    by: EstimateSpec?,
    cells: Int,
) {
    if (by == null) mistakes += EstimateMistake.ExactOfExact(line)
    if (exact.top !in 1..cells) bad(line, "the number of top", "${exact.top}", "1 to $cells, the sweep's cells")
    if (exact.sample < 0) bad(line, "the sample of top", "${exact.sample}", "0 or more")
}

private fun Binding.path(
    line: Int?,
    set: ContrastSetSpec,
    cells: List<CellSpec>,
) {
    // A noised run's other one is the clean run of the same prompt.
    val ofBoth = cells.any { it.run == RunSpec.Clean || it.run == RunSpec.Corrupted }
    if (!ofBoth) return
    needs.corrupted(line, "integratedGradients", set)
    val run = cells.map { it.run }.first { it == RunSpec.Clean || it == RunSpec.Corrupted }
    val uneven = set.contrasts.filter { it.corrupted != null && it.clean.length != it.corrupted?.length }
    uneven.firstOrNull()?.let { mistakes += differing(line, it, run).copy(others = uneven.size - 1) }
}

private fun differing(
    line: Int?,
    contrast: ContrastSpec,
    run: RunSpec,
): EstimateMistake.PathLengths {
    val clean = contrast.clean.length
    val corrupted = contrast.corrupted?.length ?: clean
    val (own, other) = if (run == RunSpec.Clean) clean to corrupted else corrupted to clean
    return EstimateMistake.PathLengths(line, contrast.label, other, own)
}
