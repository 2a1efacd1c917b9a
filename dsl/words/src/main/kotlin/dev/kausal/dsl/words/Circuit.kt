package dev.kausal.dsl

import dev.kausal.dsl.bind.Binding
import dev.kausal.dsl.bind.EdgeBinder
import dev.kausal.dsl.declare.DeclaredAnalysis
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.dsl.mistakes.EdgeMistake
import dev.kausal.dsl.mistakes.EstimateMistake
import dev.kausal.spec.CircuitSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.EdgeOrder
import dev.kausal.spec.MinimalitySpec

/** The result of a [circuit]. */
public class CircuitHandle internal constructor(
    override val name: String,
) : GridHandle()

/**
 * Measures circuits made of the edges that [edges] ranks highest: all others carry the corrupted run's outputs. Faithfulness is 0 for
 * the corrupted runs and 1 for the whole model.
 *
 * @param on set to measure on, with its own examples; that of [edges] if null
 * @param sizes numbers of edges to keep; if null, those of the MIB benchmark, 0.1 % to all, at which the areas CPR and CMD are computed
 * @param select which edges are kept first: [signed], [absolute] or [greedy]
 * @param draws random circuits of each size, with as many edges between each two layers and kinds of parts
 * @param halves whether edges are ranked on one half of the examples and measured on the other, both ways
 * @param consistent ranks only the edges whose mean effect keeps its sign in at least this share of the bootstrap's draws of
 *   examples, such as 0.95; all edges if null
 * @param completeness whether to measure, for each size, what the model does without the circuit's edges (Wang et al. 2023)
 * @param minimality one of the sizes: from this circuit, each edge is taken out alone (of more than 400 edges, each writer)
 */
public fun ExperimentScope.circuit(
    edges: EdgesHandle,
    on: Inputs<Predicts>? = null,
    sizes: Iterable<Int>? = null,
    select: EdgeOrder = signed,
    draws: Int = 0,
    halves: Boolean = false,
    consistent: Double? = null,
    completeness: Boolean = false,
    minimality: Int? = null,
): Analysis<CircuitHandle> {
    val line = ScriptLines.line()
    val inputs = on ?: inputsOfFirst(listOf(edges.name))
    val ranked = RankedCircuit(edges.name, sizes?.toList(), select, draws, halves, consistent)
    val measures = CircuitMeasures(completeness, minimality)
    return analysis(::CircuitHandle) { CircuitDeclaration(it, inputs, line, ranked, measures) }
}

/**
 * Measures the circuit of the edges in [keep]: all others carry the corrupted run's outputs.
 *
 * @param completeness whether to measure what the model does without these edges (Wang et al. 2023)
 * @param minimality whether to take each edge out alone (of more than 400 edges, each writer)
 */
public fun ExperimentScope.circuit(
    inputs: Inputs<Predicts>,
    metric: PlainMetric,
    keep: List<Edge>,
    completeness: Boolean = false,
    minimality: Boolean = false,
): Analysis<CircuitHandle> {
    val line = ScriptLines.line()
    val measures = CircuitMeasures(completeness, keep.size.takeIf { minimality })
    return analysis(::CircuitHandle) { KeptCircuitDeclaration(it, inputs, line, metric, keep, measures) }
}

/** How circuits are made from a ranking. */
internal class RankedCircuit(
    val edges: String,
    val sizes: List<Int>?,
    val select: EdgeOrder,
    val draws: Int,
    val halves: Boolean,
    val consistent: Double?,
)

/**
 * What else is measured of circuits.
 *
 * @property minimality size of the circuit that is taken apart; null for none
 */
internal class CircuitMeasures(
    val completeness: Boolean,
    private val minimality: Int?,
) {
    /** Returns what is taken apart, one of [sizes]; reports another size. */
    fun minimality(
        edges: EdgeBinder,
        sizes: List<Int>,
    ): MinimalitySpec? = minimality?.let { edges.minimality(it, sizes) }
}

internal class CircuitDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val ranked: RankedCircuit,
    private val measures: CircuitMeasures,
) : DeclaredAnalysis {
    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): CircuitSpec? {
        val edges = EdgeBinder(binding, line, "circuit")
        edges.inputs(set)
        val ranking = edges.ranking(ranked.edges) ?: return null
        sizes(binding, edges.graph.size())
        if (ranked.draws < 0) binding.bad(line, "draws", "${ranked.draws}", "0 or more")
        if (ranked.halves && set.contrasts.size < 2) {
            binding.bad(
                line,
                "the number of contrasts",
                "${set.contrasts.size}",
                "2 or more, as edges are ranked on one half",
            )
        }
        consistent(binding, ranking)
        if (ranking.by?.spec?.unsigned == true) unsigned(binding)
        val spec =
            CircuitSpec(
                name = name,
                contrasts = set.name,
                line = line,
                metric = edges.metric(ranking.metric, null, set),
                edges = ranked.edges,
                sizes = ranked.sizes,
                select = ranked.select,
                draws = ranked.draws,
                halves = ranked.halves,
                seed = binding.seed,
                completeness = measures.completeness,
                consistent = ranked.consistent,
            )
        return spec.copy(minimality = measures.minimality(edges, spec.sizesOf(edges.graph.size())))
    }

    /** Reports what needs the sign of effects. */
    private fun unsigned(binding: Binding) {
        if (ranked.select == EdgeOrder.Signed) {
            val needs = "select = signed ranks edges by the direction of their effects"
            binding.mistakes += EstimateMistake.NoSign(line, needs, "select = absolute or greedy")
        }
        if (ranked.consistent != null) {
            binding.mistakes += EstimateMistake.NoSign(line, "consistent asks whether a sign holds", null)
        }
    }

    private fun consistent(
        binding: Binding,
        ranking: EdgesDeclaration,
    ) {
        val share = ranked.consistent ?: return
        if (!(share > LEAST && share <= 1)) {
            binding.bad(line, "consistent", "$share", "a share of draws above $LEAST, at most 1")
        }
        val contrasts = binding.setOf(ranking.inputs).contrasts.size
        if (contrasts < 2) {
            val expected = "2 or more, as consistent needs draws of them"
            binding.bad(line, "the number of contrasts of ${ranked.edges}", "$contrasts", expected)
        }
    }

    private fun sizes(
        binding: Binding,
        most: Int,
    ) {
        val sizes = ranked.sizes ?: return
        if (sizes.isEmpty()) binding.bad(line, "sizes", "empty", "numbers of edges, 1 to $most, or left out")
        sizes.filter { it !in 1..most }.distinct().mapTo(binding.mistakes) { EdgeMistake.CircuitSize(line, it, most) }
    }

    private companion object {
        /** Half of the draws have the sign of an effect that is as often positive as negative. */
        const val LEAST = 0.5
    }
}

internal class KeptCircuitDeclaration(
    override val name: String,
    override val inputs: Inputs<*>,
    override val line: Int?,
    private val metric: PlainMetric,
    private val keep: List<Edge>,
    private val measures: CircuitMeasures,
) : DeclaredAnalysis {
    override fun bind(
        binding: Binding,
        set: ContrastSetSpec,
    ): CircuitSpec {
        val edges = EdgeBinder(binding, line, "circuit")
        edges.inputs(set)
        if (keep.isEmpty()) binding.mistakes += EdgeMistake.CircuitSize(line, 0, edges.graph.size())
        val kept = edges.names(keep)
        val spec = CircuitSpec(name, set.name, line, edges.metric(metric, null, set), kept = kept, seed = binding.seed)
        return spec.copy(
            completeness = measures.completeness,
            minimality = measures.minimality(edges, listOf(kept.size)),
        )
    }
}
