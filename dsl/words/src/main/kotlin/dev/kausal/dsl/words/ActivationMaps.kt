package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.bind.layers
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.ActivationMapsSpec
import dev.kausal.spec.ContrastSetSpec

/** A number that summarises an activation vector: [featureMean] or [featureNorm]. */
public typealias ActivationNumber = dev.kausal.spec.ActivationNumber

/** Mean over features. */
public val featureMean: ActivationNumber get() = ActivationNumber.Mean

/** Euclidean norm over features. */
public val featureNorm: ActivationNumber get() = ActivationNumber.Norm

/**
 * Maps one number of the residual stream after each block, by patch, without `[CLS]` and registers.
 *
 * @param layers layers; all if null; negative ones count from the end
 */
public fun ExperimentScope.activationMaps(
    inputs: Inputs<ImageModel>,
    layers: Iterable<Int>? = null,
    of: ActivationNumber = featureMean,
): Analysis<MapHandle> {
    val line = ScriptLines.line()
    return analysis(::MapHandle) { ActivationMapsDeclaration(it, inputs, line, layers?.toList(), of) }
}

internal class ActivationMapsDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val layers: List<Int>?,
    private val of: ActivationNumber,
) : DeclaredAnalysis {
    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): ActivationMapsSpec =
        ActivationMapsSpec(name, set.name, line, binding.layers(line, layers), of)
}
