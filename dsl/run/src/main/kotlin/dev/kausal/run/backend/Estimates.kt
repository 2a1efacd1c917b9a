package dev.kausal.run.backend

import dev.kausal.engine.estimates.GradientExecutor
import dev.kausal.engine.exec.Executor
import dev.kausal.engine.forward.Linearisation
import dev.kausal.engine.gradients.RecordingSize
import dev.kausal.engine.plan.Sizes
import dev.kausal.engine.tensor.Tuning
import dev.kausal.spec.BackwardRules
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.EstimateSpec
import dev.kausal.spec.Flow
import dev.kausal.spec.ProductRule
import dev.kausal.spec.Slope
import dev.kausal.spec.Softmax
import dev.kausal.spec.Writes

/** Returns what estimates cells in this way, with [budget] bytes beyond the weights. */
internal fun EstimateSpec.executor(budget: Long): Executor =
    when (this) {
        is EstimateSpec.Gradient -> GradientExecutor.atRuns(budget, rules.toEngine())
        is EstimateSpec.IntegratedGradients -> GradientExecutor.alongPaths(budget, steps, rules.toEngine())
    }

/** Returns the most bytes that recordings of prompts of [contrasts] take at once, weights apart. */
internal fun EstimateSpec.recordedBytes(
    sizes: Sizes,
    tuning: Tuning,
    budget: Long,
    contrasts: List<ContrastSpec>,
): Long {
    val lengths = contrasts.flatMap { listOfNotNull(it.clean, it.corrupted) }.map { it.length }
    val size = RecordingSize(sizes, tuning, rules.toEngine())
    return GradientExecutor.recordedBytes(size, budget, lengths)
}

/** Number of points of its line of embeddings; 0 if gradients are those of the run itself. */
internal val EstimateSpec.points: Int
    get() =
        when (this) {
            is EstimateSpec.Gradient -> 0
            is EstimateSpec.IntegratedGradients -> steps
        }

/** Returns the engine's form of these rules. */
internal fun BackwardRules.toEngine(): Linearisation =
    Linearisation(
        if (norms == Flow.Frozen) Linearisation.Norms.FROZEN else Linearisation.Norms.THROUGH,
        if (patterns == Flow.Frozen) Linearisation.Patterns.FROZEN else Linearisation.Patterns.THROUGH,
        if (activations == Slope.Secant) Linearisation.Activations.SECANT else Linearisation.Activations.SLOPE,
        if (gates == ProductRule.Half) Linearisation.Gates.HALF else Linearisation.Gates.PRODUCT,
        if (mlps == Flow.Frozen) Linearisation.Mlps.CUT else Linearisation.Mlps.THROUGH,
        if (softmax == Softmax.Recomputed) Linearisation.Softmax.COMPUTED else Linearisation.Softmax.SLOPE,
        if (writes == Writes.Dropped) Linearisation.EachDropped() else Linearisation.Kept(),
    )
