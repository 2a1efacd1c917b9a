package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.bind.EdgeBinder
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.EdgesSpec

/** The result of an [edgeAttribution]. */
public class EdgesHandle internal constructor(
    override val name: String,
) : GridHandle()

/**
 * Estimates for every edge of the model how [metric] of the clean run changes if that edge alone carries the corrupted run's output
 * (edge attribution patching, Syed et al. 2023; with integrated gradients, Hanna et al. 2024). An edge that the answer needs is
 * negative for a logit difference.
 *
 * @param by the estimate: [gradient] or [integratedGradients]
 * @param perQueryHead whether each query head counts as a reader of keys and values of its own, as in the MIB benchmark; under
 *   grouped-query attention, heads of a group then have separate edges into the keys and values that they share
 */
public fun ExperimentScope.edgeAttribution(
    inputs: Inputs<Predicts>,
    metric: PlainMetric,
    by: Estimate = integratedGradients(),
    perQueryHead: Boolean = false,
): Analysis<EdgesHandle> {
    val line = ScriptLines.line()
    return analysis(::EdgesHandle) { EdgesDeclaration(it, inputs, line, metric, by, null, perQueryHead) }
}

/**
 * Measures the same with one run per edge, in which its reader sees the corrupted run's output of its writer and everything after is
 * computed again.
 *
 * @param only edges to measure; all of the model if null
 */
public fun ExperimentScope.edgeAttribution(
    inputs: Inputs<Predicts>,
    metric: PlainMetric,
    @Suppress("UNUSED_PARAMETER") by: Exact,
    only: List<Edge>? = null,
): Analysis<EdgesHandle> {
    val line = ScriptLines.line()
    return analysis(::EdgesHandle) { EdgesDeclaration(it, inputs, line, metric, null, only) }
}

internal class EdgesDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    val metric: PlainMetric,
    val by: Estimate?,
    val only: List<Edge>?,
    val perQueryHead: Boolean = false,
) : DeclaredAnalysis {
    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): EdgesSpec {
        val edges = EdgeBinder(binding, line, "edgeAttribution")
        edges.inputs(set)
        val names = only?.let(edges::names)
        if (names?.isEmpty() == true) binding.bad(line, "only", "empty", "a list of edges, or left out")
        val spec = edges.metric(metric, by?.spec, set)
        return EdgesSpec(
            name,
            set.name,
            line,
            spec,
            by?.spec?.inLayers(binding.facts.shape.layers),
            names,
            names?.size ?: edges.size(perQueryHead),
            perQueryHead,
        )
    }
}
