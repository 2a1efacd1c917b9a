package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.RankCorrelationSpec

/** Compares how results rank the heads: Spearman's correlation of the sizes of their mean effects. */
public fun ExperimentScope.rankCorrelation(vararg of: GridHandle): Analysis<ComparisonHandle> {
    val line = ScriptLines.line()
    val names = of.map { it.name }
    return analysis(::ComparisonHandle) {
        RankCorrelationDeclaration(it, inputsOfFirst(names), line, names)
    }
}

internal class RankCorrelationDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val of: List<String>,
) : DeclaredAnalysis {
    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): RankCorrelationSpec {
        if (of.size < 2) binding.bad(line, "rankCorrelation", "${of.size} result", "2 or more")
        of.forEach { binding.overHeads(line, it) }
        return RankCorrelationSpec(name, set.name, line, of)
    }
}
