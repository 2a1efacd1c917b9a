package dev.kausal.dsl

import dev.kausal.spec.FigureKind
import dev.kausal.spec.FigureSpec
import kotlin.reflect.KProperty

/** A result, named by the property that declares it: what a report draws. */
public sealed class ResultHandle {
    internal abstract val name: String
}

/** A result whose numbers lie on a grid of one to three axes. */
public sealed class GridHandle : ResultHandle()

/** The result of an analysis that compares: joint ablations, behaviour, differences of heads, rank correlations. */
public class ComparisonHandle internal constructor(
    override val name: String,
) : GridHandle()

/**
 * An analysis that becomes part of the experiment when a property is declared by it (`val trace by sweep(...)`), under
 * the property's name. Without a declaration it is never run.
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

/** What a declared property reads its value from. */
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

    /** A grid of coloured cells. */
    public fun heatmap(of: GridHandle, title: String? = null): Unit = add(FigureKind.Heatmap, of, title)

    /** A line per value of the second axis, along the first. */
    public fun lines(of: GridHandle, title: String? = null): Unit = add(FigureKind.Lines, of, title)

    /** A bar per cell. */
    public fun bars(of: GridHandle, title: String? = null): Unit = add(FigureKind.Bars, of, title)

    /** Attention patterns, head by head. */
    public fun attention(of: AttentionHandle, title: String? = null): Unit = add(FigureKind.Attention, of, title)

    /** Explanations of the images' classes: maps, shares and ablations, shown image by image in the report. */
    public fun debug(
        of: DebugHandle,
        title: String? = null,
    ) {
        val head = title ?: of.name
        figures += FigureSpec(FigureKind.Heatmap, "${of.name}.maps", "$head: where attention went")
        figures += FigureSpec(FigureKind.Bars, "${of.name}.attribution", "$head: right class or rival, by component")
        figures += FigureSpec(FigureKind.Heatmap, "${of.name}.patches", "$head: right class or rival, by patch")
        figures += FigureSpec(FigureKind.Heatmap, of.name, "$head: logits without patches or heads")
    }

    /** Values on the patches of images: beside them, over them, layer by layer, head by head. */
    public fun imageMap(of: GridHandle, title: String? = null): Unit = add(FigureKind.ImageMap, of, title)

    /** The numbers themselves. */
    public fun table(of: ResultHandle, title: String? = null): Unit = add(FigureKind.Table, of, title)

    private fun add(kind: FigureKind, of: ResultHandle, title: String?) {
        figures += FigureSpec(kind, of.name, title)
    }
}
