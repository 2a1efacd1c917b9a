package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.HeadDifferenceSpec

/** Measures the norm of the difference of each head's output between the clean and the corrupted run, at [at]. */
public fun ExperimentScope.headDifference(
    contrasts: Contrasts<CausalLm>,
    at: Place = last,
): Analysis<ComparisonHandle> {
    val line = ScriptLines.line()
    return analysis(::ComparisonHandle) { HeadDifferenceDeclaration(it, contrasts, line, at) }
}

internal class HeadDifferenceDeclaration(
    override val name: String,
    override val inputs: Contrasts<*>,
    override val line: Int?,
    private val place: Place,
) : DeclaredAnalysis {
    override val hasEffects: Boolean get() = true

    override fun ranksHeads(binding: Binding): Boolean = true

    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): HeadDifferenceSpec {
        binding.needs.corrupted(line, "headDifference", set)
        val prompts = set.contrasts.flatMap { c -> listOfNotNull(c.clean, c.corrupted).map { it to c.label } }
        if ((place as? Span)?.eachOf == true) binding.bad(line, "the place", "$place", "one token, such as last")
        binding.spans.check(line, "a difference at $place", place, prompts)
        return HeadDifferenceSpec(name, set.name, line, place.toSpec())
    }
}
