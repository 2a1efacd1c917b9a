package dev.kausal.dsl

import dev.kausal.dsl.declare.GridContext
import dev.kausal.dsl.declare.SweepGrid
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ChoiceSpec
import dev.kausal.spec.EdgeName
import dev.kausal.spec.positionLabels

/** A dimension of a sweep's grid: the values passed to the block of `each`. They are known once the model is. */
public sealed class Dimension<out T> {
    internal abstract fun points(frame: GridContext): List<T>

    internal abstract fun axes(frame: GridContext): List<AxisSpec>
}

internal object LayerDimension : Dimension<Layer>() {
    override fun points(frame: GridContext) = List(frame.shape.layers) { Layer(it, frame.shape.layers) }

    override fun axes(frame: GridContext) = listOf(numbered("layer", frame.shape.layers))
}

internal object HeadDimension : Dimension<Head>() {
    override fun points(frame: GridContext) =
        (0 until frame.shape.layers).flatMap { layer -> List(frame.shape.heads) { Head(layer, it) } }

    override fun axes(frame: GridContext) =
        listOf(numbered("layer", frame.shape.layers), numbered("head", frame.shape.heads))
}

internal object PositionDimension : Dimension<Position>() {
    override fun points(frame: GridContext) = List(count(frame)) { Position(it) }

    override fun axes(frame: GridContext) = listOf(AxisSpec("position", positionLabels(frame.prompts, count(frame))))

    private fun count(frame: GridContext): Int = frame.prompts.minOfOrNull { it.length } ?: 0
}

internal object PatchDimension : Dimension<Patch>() {
    override fun points(frame: GridContext): List<Patch> {
        val (rows, columns) = grid(frame)
        return (0 until rows).flatMap { row -> List(columns) { Patch(row, it) } }
    }

    override fun axes(frame: GridContext): List<AxisSpec> {
        val (rows, columns) = grid(frame)
        return listOf(numbered("row", rows), numbered("column", columns))
    }

    private fun grid(frame: GridContext): Pair<Int, Int> {
        val images = frame.prompts.mapNotNull { it.image }
        return (images.minOfOrNull { it.gridRows } ?: 0) to (images.minOfOrNull { it.gridColumns } ?: 0)
    }
}

internal object SpanDimension : Dimension<Span>() {
    private val spans = listOf(subjectFirst, subjectMiddle, subjectLast, afterSubject, further, last)

    override fun points(frame: GridContext) = spans

    override fun axes(frame: GridContext) = listOf(AxisSpec("span", spans.map { it.name }))
}

internal class ValueDimension<T>(
    private val values: List<T>,
    private val label: String,
) : Dimension<T>() {
    override fun points(frame: GridContext) = values

    override fun axes(frame: GridContext) = listOf(AxisSpec(label, values.map { it.toString() }))
}

/** The edges into the reader called [reader], or out of the writer called [writer]. */
internal class EdgeDimension(
    val writer: String?,
    val reader: String?,
) : Dimension<Edge>() {
    override fun points(frame: GridContext) = names(frame).map { Edge(it) }

    override fun axes(frame: GridContext) = listOf(AxisSpec("edge", names(frame)))

    private fun names(frame: GridContext): List<String> =
        frame.edges.labels().filter { label ->
            val name = checkNotNull(EdgeName.of(label)) { "$label is no edge" }
            if (writer == null) name.reader == reader else name.writer == writer
        }
}

/** The heads or layers at the top of another result, from the first; results of the sweep name them. */
internal class TopDimension(
    private val top: Top,
) : Dimension<Top>() {
    override fun points(frame: GridContext) = top.each

    override fun axes(frame: GridContext) = listOf(AxisSpec(ChoiceSpec.RANK, List(top.each.size) { "${it + 1}" }))
}

/** Features of a dictionary: by number, or by rank if a result chooses them. */
internal class FeatureDimension(
    private val features: Features,
) : Dimension<Features>() {
    override fun points(frame: GridContext) = features.each

    override fun axes(frame: GridContext): List<AxisSpec> {
        if (features.top != null) return listOf(AxisSpec(ChoiceSpec.RANK, List(features.each.size) { "${it + 1}" }))
        return listOf(AxisSpec("feature", features.indices.map { "$it" }))
    }
}

private fun numbered(
    name: String,
    count: Int,
) = AxisSpec(name, List(count) { "$it" })

/** Declares the grid of a sweep, with one `each`. */
@KausalDsl
public class SweepScope internal constructor() {
    internal val grids = mutableListOf<SweepGrid>()

    /** All layers. */
    public val layers: Dimension<Layer> get() = LayerDimension

    /** All heads of all layers: two axes, layer and head. */
    public val heads: Dimension<Head> get() = HeadDimension

    /** All token positions; all prompts must have equally many tokens. */
    public val positions: Dimension<Position> get() = PositionDimension

    /** All patches of the images: two axes, row and column; all images must have equally many patches. */
    public val patchGrid: Dimension<Patch> get() = PatchDimension

    /**
     * Positions that prompts of any length share (Meng et al. 2022): the subject's first, middle and last tokens, the
     * token after it, further tokens, and the prompt's last. Middle and further tokens are edited one at a time and
     * averaged.
     */
    public val spans: Dimension<Span> get() = SpanDimension

    /** Returns all edges into [reader], such as `L7.q5` or `logits`: one axis, edge, from the embedding on. */
    public fun edgesInto(reader: String): Dimension<Edge> = EdgeDimension(null, reader)

    /** Returns all edges out of [writer], such as `embed`, `L3H5` or `L3 mlp`: one axis, edge, in the order of the pass. */
    public fun edgesFrom(writer: String): Dimension<Edge> = EdgeDimension(writer, null)

    /** Returns any [values] as an axis called [label]. */
    public fun <T> values(
        values: Iterable<T>,
        label: String = "value",
    ): Dimension<T> = ValueDimension(values.toList(), label)

    /**
     * Declares one cell for each of [a]. [cell] runs once the model is known, and must return the same for the same
     * value.
     */
    public fun <A> each(
        a: Dimension<A>,
        cell: (A) -> Intervention,
    ) {
        grid(a) { frame -> a.points(frame).map(cell) }
    }

    /** Declares one cell for each of [values], as an axis called [label]. */
    public fun <A> each(
        values: Iterable<A>,
        label: String = "value",
        cell: (A) -> Intervention,
    ) {
        each(values(values, label), cell)
    }

    /** Declares one cell for each head, or layer, of [top] alone, from the first. */
    public fun each(
        top: Top,
        cell: (Top) -> Intervention,
    ) {
        each(TopDimension(top), cell)
    }

    /** Declares one cell for each of [features] alone. */
    public fun each(
        features: Features,
        cell: (Features) -> Intervention,
    ) {
        each(FeatureDimension(features), cell)
    }

    /** Declares one cell for each pair of [a] and [b], [b] varying fastest. */
    public fun <A, B> each(
        a: Dimension<A>,
        b: Dimension<B>,
        cell: (A, B) -> Intervention,
    ) {
        grid(a, b) { frame -> a.points(frame).flatMap { x -> b.points(frame).map { y -> cell(x, y) } } }
    }

    /** Declares one cell for each triple of [a], [b] and [c], [c] varying fastest. */
    public fun <A, B, C> each(
        a: Dimension<A>,
        b: Dimension<B>,
        c: Dimension<C>,
        cell: (A, B, C) -> Intervention,
    ) {
        grid(a, b, c) { frame ->
            a.points(frame).flatMap { x ->
                b.points(frame).flatMap { y -> c.points(frame).map { z -> cell(x, y, z) } }
            }
        }
    }

    private fun grid(
        vararg dimensions: Dimension<*>,
        cells: (GridContext) -> List<Intervention>,
    ) {
        grids += SweepGrid(dimensions.toList(), ScriptLines.line(), cells)
    }
}
