package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.bind.layers
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.DebugPredictionSpec

/**
 * Explains the predicted class of each image: probabilities, attention relevant to the right class and its rival (the
 * predicted class, or the second most likely), shares of heads, MLPs and patches in the difference of the two logits,
 * and both logits without the patches or heads that count most, or without random patches, averaged over 20 draws.
 * Every image needs a label.
 *
 * The results are `NAME`, `NAME.probabilities`, `NAME.random`, `NAME.maps`, `NAME.attribution` and `NAME.patches`.
 *
 * @param patches number of patches removed together
 * @param heads number of heads removed together
 */
public fun ExperimentScope.debugPrediction(
    images: Inputs<ImageClassifier>,
    patches: Int = 8,
    heads: Int = 3,
): Analysis<DebugHandle> {
    val line = ScriptLines.line()
    return analysis(::DebugHandle) { DebugPredictionDeclaration(it, images, line, patches, heads) }
}

/** Explanations of predicted classes. */
public class DebugHandle internal constructor(
    override val name: String,
) : ResultHandle()

internal class DebugPredictionDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val patches: Int,
    private val heads: Int,
) : DeclaredAnalysis {
    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): DebugPredictionSpec {
        val all = binding.facts.shape.run { layers * this.heads }
        binding.needs.answer(line, "debugPrediction", set)
        binding.needs.severalClasses(line, "debugPrediction")
        set.contrasts.filter { it.moreAnswers.isNotEmpty() }.forEach {
            binding.bad(line, "the answer of ${it.label}", "several classes", "one, which is compared with its rival")
        }
        if (patches < 1) binding.bad(line, "patches", "$patches", "1 or more")
        if (heads !in 1..all) binding.bad(line, "heads", "$heads", "1 to the number of heads, $all")
        return DebugPredictionSpec(name, set.name, line, patches, heads, binding.seed)
    }
}
