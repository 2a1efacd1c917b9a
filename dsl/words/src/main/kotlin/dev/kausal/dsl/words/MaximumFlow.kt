package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.bind.consecutive
import dev.kausal.dsl.bind.layers
import dev.kausal.dsl.bind.onePosition
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.AttentionFlowSpec
import dev.kausal.spec.ContrastSetSpec

/**
 * Computes attention flow (Abnar and Zuidema 2020): the maximum flow from each input position to one position after the
 * last layer, in a network whose capacities are the attention weights mixed with the residual.
 *
 * @param to target position; `[CLS]` or the first if null
 */
public fun ExperimentScope.maximumFlow(
    inputs: Inputs<*>,
    to: Place? = null,
    layers: Iterable<Int>? = null,
): Analysis<MapHandle> {
    val line = ScriptLines.line()
    return analysis(::MapHandle) { AttentionFlowDeclaration(it, inputs, line, layers?.toList(), to) }
}

internal class AttentionFlowDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val layers: List<Int>?,
    private val to: Place?,
) : DeclaredAnalysis {
    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): AttentionFlowSpec {
        val found = binding.layers(line, layers)
        binding.consecutive(line, found)
        binding.onePosition(line, to, set)
        return AttentionFlowSpec(name, set.name, line, found, (to ?: Position(0)).toSpec())
    }
}
