package dev.kausal.reports.figure

import dev.kausal.reports.result.Grid
import dev.kausal.reports.words.number
import dev.kausal.spec.FigureKind

/**
 * A figure without its caption.
 *
 * @property html SVG or a table, inert whatever the tokens are
 * @property reading how to read it, in sentences
 */
internal class Drawing(
    val html: String,
    val reading: String,
)

/** Most cells that a heat map draws; a sentence replaces larger ones. */
internal const val MOST_CELLS: Int = 12_000

/** The kind that shows the axes of a result best. */
internal fun shapeKind(grid: Grid): FigureKind =
    when {
        ofPatches(grid) -> FigureKind.ImageMap
        grid.axes.size < 2 -> FigureKind.Lines
        else -> FigureKind.Heatmap
    }

/** [asked], or what can be drawn of this result in its stead: [fallback], if that can. */
internal fun drawableKind(
    asked: FigureKind,
    grid: Grid,
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

/** Draws [kind] of [grid]; ids in it start with [prefix], [alternative] stands for it where it is not seen. */
internal fun draw(
    kind: FigureKind,
    grid: Grid,
    prefix: String,
    alternative: String,
    photos: Photos = Photos.NONE,
): Drawing =
    when {
        grid.isEmpty && grid.result.top.isNullOrEmpty() -> {
            Drawing("<p class=\"none\">No value was computed: nothing to draw.</p>", "")
        }

        grid.axes.isEmpty() -> {
            Drawing("<p class=\"one\">${number(grid.mean(0))}</p>", "A single number.")
        }

        else -> {
            Views.of(kind, grid).draw(grid, Frame(prefix, alternative, photos))
        }
    }
