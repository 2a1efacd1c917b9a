package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.bind.consecutive
import dev.kausal.dsl.bind.layers
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.RolloutSpec

/** How the heads of a layer become one pattern. */
public typealias HeadFusion = dev.kausal.spec.HeadFusion

/**
 * Attention rollout (Abnar and Zuidema 2020) after each layer: heads are fused, half of the identity is mixed in for the
 * residual connection, rows are divided by their sums, and layers are multiplied. Of images, from `[CLS]` to patches; of
 * texts, from every token to every token.
 *
 * @param fusion of heads; the paper's is the mean
 * @param discard which part of each layer's weights, the smallest, is left out: from 0 to below 1
 * @param layers that follow each other; all of them if null
 */
public fun ExperimentScope.rollout(
    inputs: Inputs<*>,
    fusion: HeadFusion = HeadFusion.Mean,
    discard: Double = 0.0,
    layers: Iterable<Int>? = null,
): Analysis<MapHandle> {
    val line = ScriptLines.line()
    return analysis(::MapHandle) {
        RolloutDeclaration(it, inputs, line, layers?.toList(), fusion, discard, residual = true)
    }
}

/**
 * Attention flow as tutorials have it: the layers' mean patterns multiplied, without the residual connection. Not the
 * flow of Abnar and Zuidema 2020, which is [maximumFlow].
 */
public fun ExperimentScope.attentionFlow(
    inputs: Inputs<*>,
    layers: Iterable<Int>? = null,
): Analysis<MapHandle> {
    val line = ScriptLines.line()
    return analysis(::MapHandle) {
        RolloutDeclaration(it, inputs, line, layers?.toList(), HeadFusion.Mean, 0.0, residual = false)
    }
}

internal class RolloutDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val layers: List<Int>?,
    private val fusion: HeadFusion,
    private val discard: Double,
    private val residual: Boolean,
) : DeclaredAnalysis {
    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): RolloutSpec {
        val found = binding.layers(line, layers)
        binding.consecutive(line, found)
        if (discard < 0 || discard >= 1) binding.bad(line, "discard", "$discard", "from 0 to below 1")
        return RolloutSpec(name, set.name, line, found, fusion, discard, residual)
    }
}
