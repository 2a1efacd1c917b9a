package dev.kausal.run.analyses

import dev.kausal.engine.circuits.EdgeGraph
import dev.kausal.spec.EdgeName
import java.util.BitSet
import java.util.Random

/**
 * Random circuits that have as many edges as a given one between each two layers and kinds of parts: from heads of layer 3 to
 * queries of layer 7, for example.
 */
internal class RandomCircuits(
    graph: EdgeGraph,
) {
    private val stratum: List<Any> =
        graph.labels().map { label ->
            EdgeName.of(label)!!.let { listOf(it.from, it.writerLayer, it.to, it.readerLayer) }
        }
    private val edges: Map<Any, List<Int>> = stratum.indices.groupBy { stratum[it] }

    /** Returns a random circuit like [circuit]. */
    fun like(
        circuit: BitSet,
        random: Random,
    ): BitSet {
        val counts = sortedMapOf<Int, Int>()
        val firsts = HashMap<Any, Int>()
        circuit.stream().forEach { edge ->
            val first = firsts.getOrPut(stratum[edge]) { edges.getValue(stratum[edge]).first() }
            counts.merge(first, 1, Int::plus)
        }
        val drawn = BitSet()
        counts.forEach { (first, count) ->
            edges.getValue(stratum[first]).shuffled(random).take(count).forEach(drawn::set)
        }
        return drawn
    }
}
