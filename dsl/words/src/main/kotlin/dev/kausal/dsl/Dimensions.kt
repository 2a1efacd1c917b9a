package dev.kausal.dsl

import dev.kausal.dsl.declare.Frame
import dev.kausal.dsl.declare.Grid
import dev.kausal.dsl.host.ScriptLines
import dev.kausal.spec.AxisSpec

/** A dimension of a sweep's grid: the values that `each` hands over. They are known once a model is. */
public sealed class Dimension<out T> {
    internal abstract fun points(frame: Frame): List<T>

    internal abstract fun axes(frame: Frame): List<AxisSpec>
}

internal object LayerDimension : Dimension<Layer>() {
    override fun points(frame: Frame) = List(frame.shape.layers) { Layer(it, frame.shape.layers) }

    override fun axes(frame: Frame) = listOf(numbered("layer", frame.shape.layers))
}

internal object HeadDimension : Dimension<Head>() {
    override fun points(frame: Frame) =
        (0 until frame.shape.layers).flatMap { layer -> List(frame.shape.heads) { Head(layer, it) } }

    override fun axes(frame: Frame) =
        listOf(numbered("layer", frame.shape.layers), numbered("head", frame.shape.heads))
}

internal object PositionDimension : Dimension<Position>() {
    override fun points(frame: Frame) = List(count(frame)) { Position(it) }

    override fun axes(frame: Frame) = listOf(AxisSpec("position", List(count(frame)) { label(frame, it) }))

    private fun count(frame: Frame): Int = frame.prompts.minOfOrNull { it.length } ?: 0

    private fun label(
        frame: Frame,
        position: Int,
    ): String =
        frame.prompts
            .map { it.tokenAt(position) }
            .distinct()
            .singleOrNull()
            ?.second ?: "$position"
}

internal object PatchDimension : Dimension<Patch>() {
    override fun points(frame: Frame): List<Patch> {
        val (rows, columns) = grid(frame)
        return (0 until rows).flatMap { row -> List(columns) { Patch(row, it) } }
    }

    override fun axes(frame: Frame): List<AxisSpec> {
        val (rows, columns) = grid(frame)
        return listOf(numbered("row", rows), numbered("column", columns))
    }

    private fun grid(frame: Frame): Pair<Int, Int> {
        val images = frame.prompts.mapNotNull { it.image }
        return (images.minOfOrNull { it.gridRows } ?: 0) to (images.minOfOrNull { it.gridColumns } ?: 0)
    }
}

internal object SpanDimension : Dimension<Span>() {
    private val spans = listOf(subjectFirst, subjectMiddle, subjectLast, afterSubject, further, last)

    override fun points(frame: Frame) = spans

    override fun axes(frame: Frame) = listOf(AxisSpec("span", spans.map { it.name }))
}

internal class ValueDimension<T>(
    private val values: List<T>,
    private val label: String,
) : Dimension<T>() {
    override fun points(frame: Frame) = values

    override fun axes(frame: Frame) = listOf(AxisSpec(label, values.map { it.toString() }))
}

private fun numbered(
    name: String,
    count: Int,
) = AxisSpec(name, List(count) { "$it" })

/** Declares the grid of a sweep, with one `each`. */
@KausalDsl
public class SweepScope internal constructor() {
    internal val grids = mutableListOf<Grid>()

    /** All layers. */
    public val layers: Dimension<Layer> get() = LayerDimension

    /** All heads of all layers: two axes, layer and head. */
    public val heads: Dimension<Head> get() = HeadDimension

    /** All token positions; every prompt must have the same number of tokens. */
    public val positions: Dimension<Position> get() = PositionDimension

    /** All patches of the images: two axes, row and column; every image must have the same number of patches. */
    public val patchGrid: Dimension<Patch> get() = PatchDimension

    /**
     * The subject's first, middle and last tokens, the token after it, the further ones and the prompt's last: places that
     * prompts of any length have in common (Meng et al. 2022). Middle and further tokens are edited one at a time and
     * averaged.
     */
    public val spans: Dimension<Span> get() = SpanDimension

    /** Any [values], as an axis called [label]. */
    public fun <T> values(
        values: Iterable<T>,
        label: String = "value",
    ): Dimension<T> = ValueDimension(values.toList(), label)

    /** One cell for each of [a]. [cell] runs once the model is known, and must give the same for the same value. */
    public fun <A> each(
        a: Dimension<A>,
        cell: (A) -> Intervention,
    ) {
        grid(a) { frame -> a.points(frame).map(cell) }
    }

    /** One cell for each of [values], as an axis called [label]. */
    public fun <A> each(
        values: Iterable<A>,
        label: String = "value",
        cell: (A) -> Intervention,
    ) {
        each(values(values, label), cell)
    }

    /** One cell for each pair of [a] and [b], [b] varying fastest. */
    public fun <A, B> each(
        a: Dimension<A>,
        b: Dimension<B>,
        cell: (A, B) -> Intervention,
    ) {
        grid(a, b) { frame -> a.points(frame).flatMap { x -> b.points(frame).map { y -> cell(x, y) } } }
    }

    /** One cell for each triple of [a], [b] and [c], [c] varying fastest. */
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
        cells: (Frame) -> List<Intervention>,
    ) {
        grids += Grid(dimensions.toList(), ScriptLines.line(), cells)
    }
}
