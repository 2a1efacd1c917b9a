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
    /** Edges by kind and layer of both ends. */
    private val strata: Collection<List<Int>> =
        graph.labels()
            .map { EdgeName.of(it)!! }
            .withIndex()
            .groupBy({ (_, edge) -> listOf(edge.from, edge.writerLayer, edge.to, edge.readerLayer) }, { it.index })
            .values

    /** Returns a random circuit like [circuit]. */
    fun like(
        circuit: BitSet,
        random: Random,
    ): BitSet {
        val drawn = BitSet()
        for (edges in strata) {
            val count = edges.count(circuit::get)
            if (count > 0) edges.shuffled(random).take(count).forEach(drawn::set)
        }
        return drawn
    }
}
