package dev.kausal.dsl

import dev.kausal.spec.FigureKind
import dev.kausal.spec.FigureSpec
import kotlin.reflect.KProperty

/** A result, named by its property, to be drawn in the report. */
public sealed class ResultHandle {
    internal abstract val name: String
}

/** A result on a grid of one to three axes. */
public sealed class GridHandle : ResultHandle()

/** The result of a comparison: joint ablations, behaviour, head differences, rank correlations. */
public class ComparisonHandle internal constructor(
    override val name: String,
) : GridHandle()

/**
 * An analysis that becomes part of the experiment once it is assigned to a property with `by` (`val trace by
 * sweep(...)`), under the property's name. Otherwise it never runs.
 */
public class Analysis<out H : ResultHandle> internal constructor(
    private val declare: (String) -> H,
) {
    /** Called by the compiler for `by`. */
    public operator fun provideDelegate(
        thisRef: Any?,
        property: KProperty<*>,
    ): Declared<H> = Declared(declare(property.name))
}

/** The value of a declared property. */
public class Declared<out T> internal constructor(
    private val value: T,
) {
    /** Called by the compiler for `by`. */
    public operator fun getValue(
        thisRef: Any?,
        property: KProperty<*>,
    ): T = value
}

/** Declares the figures of the report, in order. */
@KausalDsl
public class ReportScope internal constructor() {
    internal val figures = mutableListOf<FigureSpec>()
    internal val findings = mutableListOf<ResultHandle>()

    /**
     * Names the results whose findings open the report, the most important first: its figure is drawn beside them. If
     * none is named, the report opens with the first results that have a tested effect.
     */
    public fun findings(first: ResultHandle, vararg others: ResultHandle) {
        findings += listOf(first) + others
    }

    /** Draws a heatmap. */
    public fun heatmap(of: GridHandle, title: String? = null): Unit = add(FigureKind.Heatmap, of, title)

    /** Draws a line per value of the second axis, along the first. */
    public fun lines(of: GridHandle, title: String? = null): Unit = add(FigureKind.Lines, of, title)

    /** Draws the faithfulness of circuits by their size, beside that of random ones. */
    public fun lines(of: CircuitHandle, title: String? = null) {
        figures += FigureSpec(FigureKind.Lines, "${of.name}.faithfulness", title)
    }

    /** Draws the true positive rate of each ranking by its false positive rate. */
    public fun lines(of: RocHandle, title: String? = null) {
        figures += FigureSpec(FigureKind.Lines, "${of.name}.curve", title)
    }

    /** Draws a bar per cell. */
    public fun bars(of: GridHandle, title: String? = null): Unit = add(FigureKind.Bars, of, title)

    /** Draws attention patterns, head by head. */
    public fun attention(of: AttentionHandle, title: String? = null): Unit = add(FigureKind.Attention, of, title)

    /** Draws the edges of a circuit in the order in which circuits keep them, as a graph of components by layer. */
    public fun graph(of: CircuitHandle, title: String? = null): Unit = add(FigureKind.Graph, of, title)

    /** Draws the first prompt's attribution graph: layers up, positions across. */
    public fun graph(of: AttributionGraphHandle, title: String? = null): Unit = add(FigureKind.Graph, of, title)

    /** Draws the edges with the largest effects as a graph of components by layer. */
    public fun graph(of: EdgesHandle, title: String? = null): Unit = add(FigureKind.Graph, of, title)

    /** Draws explanations of predicted classes: maps, shares and ablations, image by image. */
    public fun debug(
        of: DebugHandle,
        title: String? = null,
    ) {
        val head = title ?: of.name
        figures += FigureSpec(FigureKind.Heatmap, "${of.name}.maps", "$head: attention maps")
        figures += FigureSpec(FigureKind.Bars, "${of.name}.attribution", "$head: attribution by component")
        figures += FigureSpec(FigureKind.Heatmap, "${of.name}.patches", "$head: attribution by patch")
        figures += FigureSpec(FigureKind.Heatmap, of.name, "$head: logits with patches or heads ablated")
    }

    /** Draws values on the patches of images: beside and over them, by layer and head. */
    public fun imageMap(of: GridHandle, title: String? = null): Unit = add(FigureKind.ImageMap, of, title)

    /** Shows written texts side by side. */
    public fun texts(of: GenerationHandle, title: String? = null): Unit = add(FigureKind.Texts, of, title)

    /** Draws a table. */
    public fun table(of: ResultHandle, title: String? = null): Unit = add(FigureKind.Table, of, title)

    private fun add(kind: FigureKind, of: ResultHandle, title: String?) {
        figures += FigureSpec(kind, of.name, title)
    }
}
