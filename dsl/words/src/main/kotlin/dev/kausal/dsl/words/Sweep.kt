package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.declare.SweepGrid
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.SweepSpec

/** Measures [metric] for every cell of a grid of interventions. */
public fun ExperimentScope.sweep(
    inputs: Inputs<Predicts>,
    metric: Metric,
    declare: SweepScope.() -> Unit,
): Analysis<SweepHandle> {
    val line = ScriptLines.line()
    val grids = SweepScope().apply(declare).grids.toList()
    return analysis(::SweepHandle) { SweepDeclaration(it, inputs, line, metric, grids) }
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
) : DeclaredAnalysis {
    override val hasEffects: Boolean get() = true

    override val ranksLayers: Boolean get() = grids.singleOrNull()?.dimensions == listOf(LayerDimension)

    override fun ranksHeads(binding: Binding): Boolean = grids.singleOrNull()?.dimensions == listOf(HeadDimension)

    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): SweepSpec? = binding.sweeps.bind(this, set)
}
