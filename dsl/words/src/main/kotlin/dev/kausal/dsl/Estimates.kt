package dev.kausal.dsl

import dev.kausal.spec.BackwardRules
import dev.kausal.spec.EstimateSpec
import dev.kausal.spec.Flow
import dev.kausal.spec.ProductRule
import dev.kausal.spec.ScreeningSpec
import dev.kausal.spec.Slope
import dev.kausal.spec.Softmax
import dev.kausal.spec.Writes

/** How effects are estimated instead of computed: [gradient] or [integratedGradients]. */
public class Estimate internal constructor(
    internal val spec: EstimateSpec,
) {
    override fun toString(): String = spec.word
}

/** Which cells of an estimate are computed too: [top]. */
public class Screen internal constructor(
    internal val spec: ScreeningSpec,
) {
    override fun toString(): String = "top(${spec.top}, sample = ${spec.sample})"
}

/**
 * The [count] cells with the largest estimated change, in either direction, and a random [sample] of the others, from which
 * follows how far estimates may be trusted: `sweep(set, metric, by = gradient, exact = top(50))`.
 */
public fun top(
    count: Int,
    sample: Int = ScreeningSpec.SAMPLE,
): Screen = Screen(ScreeningSpec(count, sample))

/** Rules of the backward pass: [relp], [attributionGraph], or written out with [backward]. */
public typealias Backward = BackwardRules

/**
 * Estimates every edit by the gradient in the run that is edited: the change of the edited entries times the gradient
 * there (attribution patching, Nanda 2023). One forward and one backward pass of each run serve all cells.
 */
public val gradient: Estimate = Estimate(EstimateSpec.Gradient())

/** The same as [gradient], with other rules of the backward pass: `gradient(relp)`. */
public fun gradient(rules: Backward): Estimate = Estimate(EstimateSpec.Gradient(rules))

/**
 * Estimates every edit by the mean of gradients at [steps] points on the straight line from the other run's input
 * embedding to the edited run's: the points k / steps, k = 0 to steps − 1 (Hanna et al. 2024).
 *
 * @param rules rules of the backward pass
 */
public fun integratedGradients(
    steps: Int = 5,
    rules: Backward = BackwardRules(),
): Estimate = Estimate(EstimateSpec.IntegratedGradients(steps, rules))

/** A constant in the backward pass: `backward(norms = frozen)`. */
public val frozen: Flow get() = Flow.Frozen

/** The value of a non-linearity divided by its input, in place of its slope: `backward(activations = secant)`. */
public val secant: Slope get() = Slope.Secant

/** Half of a product's gradient to each side: `backward(gates = half)`. */
public val half: ProductRule get() = ProductRule.Half

/** The softmax of edited scores, in place of its slope: `backward(softmax = recomputed)`. */
public val recomputed: Softmax get() = Softmax.Recomputed

/**
 * One pass per layer, in which gradients do not flow through what that layer's attention and MLP add to the stream:
 * `backward(writes = dropped)`. Estimates are means of sizes over these passes, so that effects of opposite sign do not cancel (gradient
 * drop of AtP*, Kramár et al. 2024). They have no sign and only rank: cells, or the edges of a [circuit] that is `absolute` or `greedy`.
 */
public val dropped: Writes get() = Writes.Dropped

/**
 * Rules of the backward pass through what is not linear in a model.
 *
 * @param norms divisors of norms: [frozen], or as computed
 * @param patterns attention patterns: [frozen], or as computed
 * @param activations non-linearities of MLPs: [secant], or their slope
 * @param gates products of gated MLPs: [half], or the product rule
 * @param mlps MLPs as a whole: [frozen], or as computed
 * @param softmax for edits of queries, keys and scores, and edges into queries and keys: [recomputed], or its slope (AtP*, Kramár et al.
 *   2024)
 * @param writes what layers add to the stream: [dropped] one layer at a time, or as computed
 */
public fun backward(
    norms: Flow = Flow.Through,
    patterns: Flow = Flow.Through,
    activations: Slope = Slope.Tangent,
    gates: ProductRule = ProductRule.Whole,
    mlps: Flow = Flow.Through,
    softmax: Softmax = Softmax.Tangent,
    writes: Writes = Writes.Kept,
): Backward = BackwardRules(norms, patterns, activations, gates, mlps, softmax, writes)

/** The rules of RelP (Jafari et al. 2025): constant norms, secants of activations, half of a gate's gradient per side. */
public val relp: Backward = BackwardRules(norms = Flow.Frozen, activations = Slope.Secant, gates = ProductRule.Half)

/** The rules of attribution graphs (Ameisen et al. 2025): constant norms and patterns, and nothing through MLPs. */
public val attributionGraph: Backward =
    BackwardRules(norms = Flow.Frozen, patterns = Flow.Frozen, mlps = Flow.Frozen)
