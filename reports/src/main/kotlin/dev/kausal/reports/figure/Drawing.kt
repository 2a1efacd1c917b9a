package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.svg.Markup
import dev.kausal.reports.svg.tag
import dev.kausal.reports.svg.text
import dev.kausal.reports.words.number
import dev.kausal.spec.FigureKind

/**
 * A figure without its caption.
 *
 * @property content SVG or a table
 * @property reading how to read it, in sentences
 * @property width its width in pixels; null if it takes the width of the page
 */
internal class Drawing(
    val content: Markup,
    val reading: String,
    val width: Int? = null,
) {
    /** Whether two such figures fit beside each other. */
    val narrow: Boolean get() = width != null && width <= HALF

    /** Whether it can shrink to the width of a phone and stay legible. */
    val small: Boolean get() = width != null && width <= SMALL
}

/** Width of the widest drawing that is shown whole on a phone, in pixels. */
private const val SMALL = 430

/** Width of the widest drawing that shares a row with another one, in pixels. */
internal const val HALF = 560

/** A heat map of more cells is drawn in blocks. */
internal const val MOST_CELLS: Int = 12_000

/** Returns the kind of figure that suits the axes of [grid] best. */
internal fun shapeKind(grid: ResultGrid): FigureKind =
    when {
        ofPatches(grid) -> FigureKind.ImageMap
        grid.axes.size < 2 -> FigureKind.Lines
        else -> FigureKind.Heatmap
    }

/** Returns [asked] if this result can be drawn that way, else [fallback] if that is possible. */
internal fun drawableKind(
    asked: FigureKind,
    grid: ResultGrid,
    fallback: FigureKind,
): FigureKind {
    val axes = grid.axes.size
    return when {
        Views.fits(asked, grid) -> asked
        asked != fallback -> drawableKind(fallback, grid, fallback)
        axes == 2 || axes == 3 -> FigureKind.Heatmap
        axes == 1 -> FigureKind.Lines
        else -> FigureKind.Bars
    }
}

/** Draws [kind] of [grid]; ids start with [prefix], and [alternative] is the text alternative. */
internal fun draw(
    kind: FigureKind,
    grid: ResultGrid,
    prefix: String,
    alternative: String,
    photos: Photos = Photos.NONE,
    others: OtherResults = OtherResults.NONE,
): Drawing =
    when {
        grid.isEmpty && grid.result.top.isNullOrEmpty() -> {
            Drawing(absent("No value was computed: nothing to draw."), "", HALF)
        }

        grid.axes.isEmpty() -> {
            Drawing(tag("p", "class" to "one") { text(number(grid.mean(0))) }, "A single number.", HALF)
        }

        else -> {
            Views.of(kind, grid).draw(grid, Frame(prefix, alternative, photos, others))
        }
    }
