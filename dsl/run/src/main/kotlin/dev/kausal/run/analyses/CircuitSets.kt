package dev.kausal.run.analyses

import dev.kausal.engine.circuits.EdgeGraph
import dev.kausal.engine.circuits.EdgeSelection
import dev.kausal.spec.CircuitSpec
import dev.kausal.spec.EdgeOrder
import java.util.BitSet
import java.util.Random

/**
 * The circuits that a ranking of edges asks for.
 *
 * @property order edges in the order in which circuits keep them
 * @property curve circuits of the spec's sizes
 * @property signed circuits at MIB's sizes by signed scores; empty if areas are not asked for
 * @property absolute the same by absolute scores
 * @property random random circuits [size, draw]; a size that leaves no choice has none
 */
internal class CircuitSets private constructor(
    val order: List<Int>,
    val curve: List<BitSet>,
    val signed: List<BitSet>,
    val absolute: List<BitSet>,
    val random: List<List<BitSet>>,
) {
    /** All of them, each once. */
    val all: Set<BitSet> get() = (curve + signed + absolute + random.flatten()).toSet()

    /** Makes the circuits of one spec. */
    class Maker(
        private val spec: CircuitSpec,
        private val graph: EdgeGraph,
    ) {
        private val sizes = spec.sizesOf(graph.size())
        private val likewise by lazy { RandomCircuits(graph) }

        /** Returns the circuits for edges that help as [scores] say: positive if corrupting them moves the metric away. */
        fun of(scores: DoubleArray): CircuitSets {
            val order = ordered(spec.select, scores)
            val shares = sizes.takeIf { spec.areas }.orEmpty()
            return made(order, firsts(EdgeOrder.Signed, scores, shares), firsts(EdgeOrder.Absolute, scores, shares))
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
            return CircuitSets(order, curve, signed, absolute, draws)
        }

        private fun drawsOf(circuit: BitSet) = if (circuit.cardinality() in 1 until graph.size()) spec.draws else 0

        private fun firsts(
            by: EdgeOrder,
            scores: DoubleArray,
            sizes: List<Int>,
        ): List<BitSet> = ordered(by, scores).let { order -> sizes.map { first(order, it) } }

        private fun ordered(
            by: EdgeOrder,
            scores: DoubleArray,
        ): List<Int> =
            when (by) {
                EdgeOrder.Signed -> EdgeSelection.highest(scores)
                EdgeOrder.Absolute -> EdgeSelection.largest(scores)
                EdgeOrder.Greedy -> EdgeSelection.greedy(graph, scores)
            }

        private fun first(
            order: List<Int>,
            count: Int,
        ) = BitSet().apply { order.take(count).forEach(::set) }
    }
}
