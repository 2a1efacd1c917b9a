package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.bind.layers
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.DebugPredictionSpec

/**
 * Why each image is sorted as it is: probabilities, where attention went for the right class and for its rival (the class
 * that it is taken for, or the second likeliest), what heads, MLPs and patches write on the difference of the two logits,
 * and what becomes of both logits without the patches or heads that count most, or without patches drawn at random, in the
 * mean over 20 draws. Every image needs its label.
 *
 * The results are `NAME`, `NAME.probabilities`, `NAME.random`, `NAME.maps`, `NAME.attribution` and `NAME.patches`.
 *
 * @param patches how many are taken out together
 * @param heads how many are taken out together
 */
public fun ExperimentScope.debugPrediction(
    images: Inputs<ImageClassifier>,
    patches: Int = 8,
    heads: Int = 3,
): Analysis<DebugHandle> {
    val line = ScriptLines.line()
    return analysis(::DebugHandle) { DebugPredictionDeclaration(it, images, line, patches, heads) }
}

/** Why images are sorted as they are. */
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
