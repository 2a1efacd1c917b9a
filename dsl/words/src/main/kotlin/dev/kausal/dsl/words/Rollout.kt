package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.bind.consecutive
import dev.kausal.dsl.bind.layers
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.RolloutSpec

/** How the heads of a layer are fused into one pattern. */
public typealias HeadFusion = dev.kausal.spec.HeadFusion

/**
 * Computes attention rollout (Abnar and Zuidema 2020) after each layer: heads are fused, half of the identity is added
 * for the residual connection, rows are normalised, and layers are multiplied. For images, from `[CLS]` to patches; for
 * text, from every token to every token.
 *
 * @param fusion how heads are fused; the paper uses the mean
 * @param discard fraction of each layer's weights, smallest first, that is dropped: from 0 to below 1
 * @param layers consecutive layers; all if null
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
 * Computes attention flow as in tutorials: the product of the layers' mean patterns, without the residual connection.
 * This is not the flow of Abnar and Zuidema 2020; see [maximumFlow].
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
