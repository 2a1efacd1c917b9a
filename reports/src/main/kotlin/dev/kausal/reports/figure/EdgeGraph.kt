package dev.kausal.reports.figure

import dev.kausal.reports.result.FAITHFUL
import dev.kausal.reports.result.ResultGrid
import dev.kausal.spec.CircuitRecord
import dev.kausal.spec.EdgeEffect
import dev.kausal.spec.EdgeName
import dev.kausal.spec.ModelShape
import kotlin.math.abs

/** An edge of a graph, with its [rank] from 1; [effect] is null if the page does not have it. */
internal class GraphEdge(
    val name: EdgeName,
    val rank: Int,
    val effect: EdgeEffect?,
)

/**
 * The edges that a graph can show, in order.
 *
 * @property total number of edges of the model, or of those that were measured
 * @property first number of edges to show at first
 * @property byHalves whether the order is that of two halves of the examples
 * @property unsigned whether effects are sizes without a sign
 * @property omits whether edges without an effect beyond rounding follow
 */
internal class RankedEdges(
    val edges: List<GraphEdge>,
    val total: Int,
    val first: Int,
    val byHalves: Boolean,
    val unsigned: Boolean,
    val omits: Boolean,
) {
    companion object {
        /** Most edges of a graph. */
        const val MOST: Int = 100
        private const val FIRST = 25

        /** Share of the largest effect below which an effect is rounding of float32. */
        private const val ROUNDING = 1e-6

        /** Returns the edges of [grid], a result of edges or of circuits. */
        fun of(
            grid: ResultGrid,
            others: OtherResults,
        ): RankedEdges {
            val circuit = grid.result.circuit ?: return strongest(grid)
            val ranking = grid.analysis?.edgeRanking?.let(others::named)
            val effects = ranking?.let(::effects).orEmpty()
            val enough = enough(grid, circuit)
            val all = order(circuit)
            val order = effective(all, enough, effects)
            return RankedEdges(
                order.mapIndexed { i, name -> edge(name, i, effects[name]) },
                circuit.edges,
                enough.coerceIn(1, order.size.coerceAtLeast(1)),
                circuit.ranked.size > 1,
                ranking?.result?.estimate?.unsigned == true,
                order.size < all.size,
            )
        }

        private fun strongest(grid: ResultGrid): RankedEdges {
            val effects = effects(grid)
            val ranked = effects.values.sortedByDescending { abs(it.mean) }.take(MOST).map { it.edge }
            val order = effective(ranked, 1, effects)
            return RankedEdges(
                order.mapIndexed { i, name -> edge(name, i, effects[name]) },
                grid.result.edges?.edges ?: effects.size,
                FIRST.coerceAtMost(order.size.coerceAtLeast(1)),
                byHalves = false,
                unsigned = grid.result.estimate?.unsigned == true,
                omits = order.size < ranked.size,
            )
        }

        private fun edge(
            name: String,
            place: Int,
            effect: EdgeEffect?,
        ) = GraphEdge(requireNotNull(EdgeName.of(name)) { "'$name' is no edge." }, place + 1, effect)

        /** Returns the effects of the edges on the page by name, with their intervals if they have some. */
        private fun effects(grid: ResultGrid): Map<String, EdgeEffect> {
            val means = grid.axes.first().labels.mapIndexedNotNull {
                i,
                name,
                ->
                grid.mean(i)?.let { EdgeEffect(name, it) }
            }
            return (means + grid.result.edges?.strongest.orEmpty()).associateBy { it.edge }
        }

        /** Returns the edges in the order in which circuits keep them; of two halves, by the sum of their ranks. */
        private fun order(circuit: CircuitRecord): List<String> {
            val ranks = circuit.ranked.map { half -> half.withIndex().associate { (i, name) -> name to i } }
            val all = circuit.ranked.flatten().distinct()
            return all.sortedBy { name -> ranks.sumOf { it[name] ?: CircuitRecord.MOST } }.take(MOST)
        }

        /** Returns [order] without the edges at its end that have no effect beyond rounding, but at least [least] edges. */
        private fun effective(
            order: List<String>,
            least: Int,
            effects: Map<String, EdgeEffect>,
        ): List<String> {
            val sizes = effects.mapValues { abs(it.value.mean) }
            val largest = sizes.values.maxOrNull() ?: return order
            // The page has the largest effects: those that it lacks are no larger than its smallest.
            val smallest = sizes.values.min()
            val kept = order.dropLastWhile { (sizes[it] ?: smallest) <= ROUNDING * largest }
            return order.take(maxOf(kept.size, least))
        }

        /** Returns the smallest measured size that is faithful enough; else the default. */
        private fun enough(
            grid: ResultGrid,
            circuit: CircuitRecord,
        ): Int {
            val faithful = grid.result.faithfulness.orEmpty()
            val size = circuit.sizes.indices.firstOrNull { (faithful.getOrNull(it) ?: 0.0) >= FAITHFUL }
            return size?.let { circuit.sizes[it] } ?: FIRST
        }
    }
}

/** Kind of a component in a graph. */
internal enum class NodeKind {
    /** The embedding, or the logits. */
    End,
    Head,

    /** Keys and values that the heads of a group share. */
    KeyValue,
    Mlp,
}

/**
 * A component.
 *
 * @property id such as `L3H5`, `L3 mlp` or, for keys and values of a group of heads, `L3 kv1`
 * @property layer null for the embedding and the logits
 * @property head head, or key-value head; null if the kind has none
 */
internal data class GraphNode(
    val id: String,
    val kind: NodeKind,
    val layer: Int? = null,
    val head: Int? = null,
) {
    /** Place of its row among all rows of a model, from the embedding to the logits. */
    val row: Int
        get() =
            when {
                layer != null -> {
                    1 + layer * NodeKind.entries.size +
                        kind.ordinal.let { if (kind == NodeKind.KeyValue) 0 else it }
                }

                id == EdgeName.EMBED -> {
                    0
                }

                else -> {
                    Int.MAX_VALUE
                }
            }
}

/** The components that edges join, in a model of this [shape]; null if it is not known. */
internal class Components(
    grid: ResultGrid,
    shape: ModelShape?,
) {
    /** Heads that share keys and values; 1 if each has its own. */
    private val group =
        if (shape == null ||
            grid.analysis?.edgesPerQueryHead == true
        ) {
            1
        } else {
            shape.heads / shape.keyValueHeads
        }

    /** Returns the component that writes at the start of [edge]. */
    fun writer(edge: EdgeName): GraphNode {
        val head = edge.writerHead
        return when {
            edge.writer == EdgeName.EMBED -> GraphNode(edge.writer, NodeKind.End)
            head == null -> GraphNode(edge.writer, NodeKind.Mlp, edge.writerLayer)
            else -> GraphNode(edge.writer, NodeKind.Head, edge.writerLayer, head)
        }
    }

    /** Returns the component that reads at the end of [edge]. */
    fun reader(edge: EdgeName): GraphNode {
        val layer = edge.readerLayer ?: return GraphNode(edge.reader, NodeKind.End)
        val head = edge.readerHead ?: return GraphNode(edge.reader, NodeKind.Mlp, layer)
        return if (edge.to == QUERIES || group == 1) {
            GraphNode(EdgeName.head(layer, head), NodeKind.Head, layer, head)
        } else {
            GraphNode("L$layer kv$head", NodeKind.KeyValue, layer, head)
        }
    }

    /** Returns the pairs of shared keys and values and a head of their group among [nodes], by their ids. */
    fun links(nodes: List<GraphNode>): List<Pair<String, String>> {
        val heads = nodes.filter { it.kind == NodeKind.Head }
        return nodes.filter { it.kind == NodeKind.KeyValue }.flatMap { shared ->
            val first = shared.head!! * group
            heads.filter { it.layer == shared.layer && it.head!! in first until first + group }
                .sortedBy { it.head }
                .map { shared.id to it.id }
        }
    }

    private companion object {
        const val QUERIES = "queries"
    }
}
