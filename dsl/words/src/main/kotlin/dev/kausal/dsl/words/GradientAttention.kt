package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.bind.layers
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.GradientAttentionSpec

/** The output that an analysis explains: [answer] or [predicted]. */
public typealias Output = dev.kausal.spec.OutputSpec

/** The class named by the script: a contrast's answer, an image's label. */
public val answer: Output get() = Output.Answer

/** The class with the largest logit. */
public val predicted: Output get() = Output.Predicted

/**
 * Computes gradient-weighted attention (Chefer et al. 2021, rules for self-attention): attention counts if more of it
 * would raise the logit of [of]; from `[CLS]` to patches, through all layers. In a model without `[CLS]`, the mean over
 * patches.
 */
public fun ExperimentScope.gradientAttention(
    inputs: Inputs<ImageClassifier>,
    of: Output = predicted,
): Analysis<MapHandle> {
    val line = ScriptLines.line()
    return analysis(::MapHandle) { GradientAttentionDeclaration(it, inputs, line, of) }
}

internal class GradientAttentionDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val of: Output,
) : DeclaredAnalysis {
    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): GradientAttentionSpec {
        if (of == Output.Answer) binding.needs.answer(line, "gradientAttention of the answer", set)
        return GradientAttentionSpec(name, set.name, line, binding.layers(line, null), of)
    }
}
