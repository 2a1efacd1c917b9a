package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.dsl.mistakes.EstimateMistake
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.DifferenceSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.paired

/**
 * Subtracts the effects of [minus] from those of [of], by cell and question: two sweeps with the same axes and metric,
 * or two head differences, on sets that ask the same questions (clean prompt, answer and foil).
 */
public fun ExperimentScope.difference(
    of: GridHandle,
    minus: GridHandle,
): Analysis<ComparisonHandle> {
    val line = ScriptLines.line()
    return analysis(::ComparisonHandle) {
        DifferenceDeclaration(it, inputsOf(listOf(of.name)), line, of.name, minus.name)
    }
}

internal class DifferenceDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val of: String,
    private val minus: String,
) : DeclaredAnalysis {
    /** Returns whether it ranks heads: a difference does if its minuend does. */
    override fun ranksHeads(binding: Binding): Boolean = binding.declared(of)?.ranksHeads(binding) == true

    /** Checks that both results are of one kind; axes are compared when both are bound. */
    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): DifferenceSpec {
        val two = listOf(of, minus).map { binding.declared(it) }
        if (two.any { it?.hasEffects != true } || two.map { it?.javaClass }.distinct().size > 1) {
            binding.bad(line, "difference", "$of and $minus", "two sweeps, or two head differences")
        }
        if (of == minus) binding.bad(line, "difference", "$of twice", "two results")
        return DifferenceSpec(name, set.name, line, of, minus)
    }

    /** Reports a difference of sweeps with different axes or metrics, or of sets without a common question. */
    override fun compare(
        binding: Binding,
        specs: Map<String, AnalysisSpec>,
        sets: Map<String, ContrastSetSpec>,
    ) {
        val (first, second) = (specs[of] ?: return) to (specs[minus] ?: return)
        if (first is SweepSpec && second is SweepSpec) sameGrid(binding, first, second)
        val (all, others) = listOf(first, second).map { sets.getValue(it.contrasts).contrasts }
        if (paired(all, others).isNotEmpty()) return
        val expected = "sets with the same questions: clean prompt, answer and foil"
        binding.bad(line, "difference", "$of and $minus on sets without a common question", expected)
    }

    private fun sameGrid(
        binding: Binding,
        of: SweepSpec,
        minus: SweepSpec,
    ) {
        if (of.by?.unsigned == true || minus.by?.unsigned == true) {
            binding.mistakes += EstimateMistake.NoSign(line, "difference subtracts changes", null)
        }
        if (of.metric != minus.metric) {
            binding.bad(line, "difference", "metrics ${of.metric.text} and ${minus.metric.text}", "one metric")
        }
        if (of.axes == minus.axes) return
        val sizes = listOf(of, minus).map { sweep -> sweep.axes.joinToString(" x ") { "${it.labels.size} ${it.name}" } }
        val found = if (sizes[0] == sizes[1]) "axes with other labels" else "axes ${sizes[0]} and ${sizes[1]}"
        binding.bad(line, "difference", found, "the same axes with the same labels")
    }
}
