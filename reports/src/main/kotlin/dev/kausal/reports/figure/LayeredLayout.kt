package dev.kausal.reports.figure

import org.eclipse.elk.alg.layered.options.LayeredMetaDataProvider
import org.eclipse.elk.alg.layered.options.LayeredOptions
import org.eclipse.elk.core.RecursiveGraphLayoutEngine
import org.eclipse.elk.core.data.LayoutMetaDataService
import org.eclipse.elk.core.options.CoreOptions
import org.eclipse.elk.core.options.Direction
import org.eclipse.elk.core.options.EdgeRouting
import org.eclipse.elk.core.util.BasicProgressMonitor
import org.eclipse.elk.graph.ElkEdge
import org.eclipse.elk.graph.ElkNode
import org.eclipse.elk.graph.util.ElkGraphUtil

/** A point of a drawing, in pixels from its top left corner. */
internal data class Point(
    val x: Double,
    val y: Double,
)

/**
 * A graph with its places.
 *
 * @property nodes top left corner of each node
 * @property routes control points of each edge: its start, then three for each cubic Bézier curve
 */
internal class PlacedGraph(
    val width: Double,
    val height: Double,
    val nodes: Map<String, Point>,
    val routes: List<List<Point>>,
)

/**
 * Draws graphs in layers (Sugiyama et al. 1981), by Eclipse ELK: rows are given, from the bottom up; the order in a
 * row, the places and the routes of edges around nodes are chosen so that few edges cross.
 */
internal object LayeredLayout {
    private val engine by lazy {
        LayoutMetaDataService.getInstance().registerLayoutMetaDataProviders(LayeredMetaDataProvider())
        RecursiveGraphLayoutEngine()
    }

    /**
     * Places [rows] of nodes, and [edges] from lower to higher rows.
     *
     * @param width width of each node, and [height] its height, in pixels
     */
    fun of(
        rows: List<List<String>>,
        edges: List<Pair<String, String>>,
        width: Double,
        height: Double,
    ): PlacedGraph {
        val graph = ElkGraphUtil.createGraph()
        graph.setProperty(CoreOptions.ALGORITHM, LayeredOptions.ALGORITHM_ID)
        graph.setProperty(CoreOptions.DIRECTION, Direction.UP)
        graph.setProperty(CoreOptions.EDGE_ROUTING, EdgeRouting.SPLINES)
        graph.setProperty(CoreOptions.PARTITIONING_ACTIVATE, true)
        graph.setProperty(CoreOptions.SPACING_NODE_NODE, BESIDE)
        graph.setProperty(LayeredOptions.SPACING_NODE_NODE_BETWEEN_LAYERS, BETWEEN)
        val nodes = HashMap<String, ElkNode>()
        rows.forEachIndexed { row, ids ->
            for (id in ids) {
                val node = ElkGraphUtil.createNode(graph)
                node.width = width
                node.height = height
                node.setProperty(CoreOptions.PARTITIONING_PARTITION, row)
                nodes[id] = node
            }
        }
        val drawn = edges.map { (from, to) -> ElkGraphUtil.createSimpleEdge(nodes.getValue(from), nodes.getValue(to)) }
        engine.layout(graph, BasicProgressMonitor())
        return PlacedGraph(
            graph.width,
            graph.height,
            nodes.mapValues {
                Point(it.value.x, it.value.y)
            },
            drawn.map(::route),
        )
    }

    private fun route(edge: ElkEdge): List<Point> {
        val section = edge.sections.single()
        val bends = section.bendPoints.map { Point(it.x, it.y) }
        val points = listOf(Point(section.startX, section.startY)) + bends + Point(section.endX, section.endY)
        return if (bends.size % CURVE == CURVE - 1) points else straight(points)
    }

    /** Returns a line through [points] as curves. */
    private fun straight(points: List<Point>): List<Point> =
        points.take(1) + points.zipWithNext().flatMap { (from, to) -> listOf(from, to, to) }

    /** Points that a curve adds. */
    private const val CURVE = 3
    private const val BESIDE = 10.0
    private const val BETWEEN = 34.0
}
