package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.Order
import dev.kausal.spec.OverlapSpec

/**
 * Counts the heads that [first] and [second] both rank at their top, for each number of [tops], and compares it with
 * rankings that are random within each layer, and with rankings by halves of the examples.
 *
 * @param order which end of the rankings is their top
 */
public fun ExperimentScope.overlap(
    first: GridHandle,
    second: GridHandle,
    tops: Iterable<Int> = listOf(5, 10, 20),
    order: Order = Order.Strongest,
): Analysis<ComparisonHandle> {
    val line = ScriptLines.line()
    val names = listOf(first.name, second.name)
    val sizes = tops.toList()
    return analysis(::ComparisonHandle) { OverlapDeclaration(it, inputsOfFirst(names), line, names, sizes, order) }
}

internal class OverlapDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val of: List<String>,
    private val tops: List<Int>,
    private val order: Order,
) : DeclaredAnalysis {
    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): OverlapSpec {
        val heads = binding.facts.shape.run { layers * heads }
        of.forEach { binding.overHeads(line, it) }
        if (of.distinct().size < 2) binding.bad(line, "overlap", "${of[0]} twice", "two results")
        val fit = tops.isNotEmpty() && tops == tops.distinct().sorted() && tops.all { it in 1 until heads }
        if (!fit) binding.bad(line, "tops", "$tops", "ascending numbers of heads, 1 to ${heads - 1}")
        return OverlapSpec(name, set.name, line, of, tops, order)
    }
}
