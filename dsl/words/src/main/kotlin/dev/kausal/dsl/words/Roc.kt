package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.bind.EdgeBinder
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.RocSpec

/** The result of a [roc]. */
public class RocHandle internal constructor(
    override val name: String,
) : GridHandle()

/**
 * Measures how well rankings of edges by the sizes of their mean effects recover known edges: receiver operating characteristics, with
 * the area under each (AUROC), in full and as the MIB benchmark computes it.
 *
 * @param of a ranking of all edges of the model
 * @param others more rankings, to compare
 * @param truth the known edges, such as those of a model that was built by hand
 */
public fun ExperimentScope.roc(
    of: EdgesHandle,
    vararg others: EdgesHandle,
    truth: List<Edge>,
): Analysis<RocHandle> {
    val line = ScriptLines.line()
    val names = (listOf(of) + others).map { it.name }
    return analysis(::RocHandle) { RocDeclaration(it, inputsOfFirst(names), line, names, truth) }
}

internal class RocDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val of: List<String>,
    private val truth: List<Edge>,
) : DeclaredAnalysis {
    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): RocSpec {
        val edges = EdgeBinder(binding, line, "roc")
        of.forEach(edges::ranking)
        val names = edges.names(truth)
        if (truth.size !in 1 until edges.graph.size()) {
            val most = edges.graph.size() - 1
            binding.bad(line, "the number of known edges", "${truth.size}", "1 to $most, as others must be left")
        }
        return RocSpec(name, set.name, line, of, names)
    }
}
