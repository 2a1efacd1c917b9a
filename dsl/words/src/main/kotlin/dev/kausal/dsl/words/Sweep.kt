package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.declare.AnswersRead
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.declare.SweepGrid
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.SweepSpec

/**
 * Measures [metric] for every cell of a grid of interventions.
 *
 * @param by how cells are estimated, such as [gradient] or [integratedGradients]; computed if null
 * @param exact which cells of an estimate are computed too: [top]
 */
public fun ExperimentScope.sweep(
    inputs: Inputs<Predicts>,
    metric: Metric,
    by: Estimate? = null,
    exact: Screen? = null,
    declare: SweepScope.() -> Unit,
): Analysis<SweepHandle> {
    val line = ScriptLines.line()
    val grids = SweepScope().apply(declare).grids.toList()
    return analysis(::SweepHandle) { SweepDeclaration(it, inputs, line, metric, grids, by, exact) }
}

/** The result of a sweep. */
public class SweepHandle internal constructor(
    override val name: String,
) : GridHandle()

internal class SweepDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    val metric: Metric,
    val grids: List<SweepGrid>,
    val by: Estimate? = null,
    val exact: Screen? = null,
) : DeclaredAnalysis {
    override val answersRead: AnswersRead get() = metric.answersRead

    override val hasEffects: Boolean get() = true

    override val ranksLayers: Boolean get() = grids.singleOrNull()?.dimensions == listOf(LayerDimension)

    override fun ranksHeads(binding: Binding): Boolean = grids.singleOrNull()?.dimensions == listOf(HeadDimension)

    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): SweepSpec? = binding.sweeps.bind(this, set)
}
