package dev.kausal.run.analyses

import dev.kausal.engine.circuits.EdgeGraph
import dev.kausal.engine.circuits.EdgeSelection
import dev.kausal.spec.CircuitPart
import dev.kausal.spec.CircuitSpec
import dev.kausal.spec.EdgeOrder
import java.util.BitSet
import java.util.Random

/**
 * The circuits that a ranking of edges asks for.
 *
 * @property order edges in the order in which circuits keep them
 * @property curve circuits of the spec's sizes
 * @property signed circuits at MIB's sizes by signed scores; empty if areas are not asked for, or scores have no sign
 * @property absolute the same by absolute scores
 * @property random random circuits [size, draw]; a size that leaves no choice has none
 * @property rest the complements of [curve]; empty if completeness is not asked for
 * @property randomRest the complements of [random]; empty likewise
 * @property parts the circuit that is taken apart without each of its parts, by name; empty if none is
 */
internal class CircuitSets private constructor(
    val order: List<Int>,
    val curve: List<BitSet>,
    val signed: List<BitSet>,
    val absolute: List<BitSet>,
    val random: List<List<BitSet>>,
    val rest: List<BitSet>,
    val randomRest: List<List<BitSet>>,
    val parts: Map<String, BitSet>,
) {
    /** All of them, each once. */
    val all: Set<BitSet>
        get() = (curve + signed + absolute + rest + (random + randomRest).flatten() + parts.values).toSet()

    /** Makes the circuits of one spec. */
    class Maker(
        private val spec: CircuitSpec,
        private val graph: EdgeGraph,
    ) {
        private val sizes = spec.sizesOf(graph.size())
        private val likewise by lazy { RandomCircuits(graph) }

        /**
         * Returns the circuits for edges that help as [scores] say: positive if corrupting them moves the metric away.
         *
         * @param among edges that are ranked
         * @param signed whether scores have a sign
         */
        fun of(
            scores: DoubleArray,
            among: BitSet,
            signed: Boolean,
        ): CircuitSets {
            val shares = sizes.takeIf { spec.areas }.orEmpty()

            fun firsts(by: EdgeOrder) = ordered(by, scores, among).let { order -> shares.map { first(order, it) } }
            val bySign = if (signed) firsts(EdgeOrder.Signed) else emptyList()
            return made(ordered(spec.select, scores, among), bySign, firsts(EdgeOrder.Absolute))
        }

        /** Returns the single circuit of these [edges]. */
        fun of(edges: List<Int>): CircuitSets = made(edges, emptyList(), emptyList())

        private fun made(
            order: List<Int>,
            signed: List<BitSet>,
            absolute: List<BitSet>,
        ): CircuitSets {
            val curve = sizes.map { first(order, it) }
            val random = Random(spec.seed)
            val draws = curve.map { circuit -> List(drawsOf(circuit)) { likewise.like(circuit, random) } }
            return CircuitSets(
                order,
                curve,
                signed,
                absolute,
                draws,
                if (spec.completeness) curve.map(::complement) else emptyList(),
                if (spec.completeness) draws.map { it.map(::complement) } else emptyList(),
                parts(curve),
            )
        }

        private fun complement(circuit: BitSet): BitSet = graph.all().apply { andNot(circuit) }

        /** Returns the circuit that is taken apart, without each of its parts. */
        private fun parts(curve: List<BitSet>): Map<String, BitSet> {
            val apart = spec.minimality ?: return emptyMap()
            val circuit = curve[sizes.indexOf(apart.size)]
            val edges = circuit.stream().boxed().toList()
            val groups =
                when (apart.by) {
                    CircuitPart.Edge -> edges.groupBy(graph::label)
                    CircuitPart.Writer -> edges.groupBy { graph.writers()[graph.writer(it)].label() }
                }
            return groups.mapValues { (_, out) -> (circuit.clone() as BitSet).apply { out.forEach(::clear) } }
        }

        private fun drawsOf(circuit: BitSet) = if (circuit.cardinality() in 1 until graph.size()) spec.draws else 0

        private fun ordered(
            by: EdgeOrder,
            scores: DoubleArray,
            among: BitSet,
        ): List<Int> =
            when (by) {
                EdgeOrder.Signed -> EdgeSelection.highest(scores).filter(among::get)
                EdgeOrder.Absolute -> EdgeSelection.largest(scores).filter(among::get)
                EdgeOrder.Greedy -> EdgeSelection.greedy(graph, scores, among)
            }

        private fun first(
            order: List<Int>,
            count: Int,
        ) = BitSet().apply { order.take(count).forEach(::set) }
    }
}
