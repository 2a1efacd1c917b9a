package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.spec.FigureKind

/** A way to draw a result; all are listed in [Views]. */
internal interface View {
    /** Kind of figure, as requested by scripts. */
    val kind: FigureKind

    /** The part of the page's script that handles the figure; null if none. */
    val script: String? get() = null

    /** CSS class of its card. */
    val card: String? get() = null

    /** Returns whether the axes of [grid] can be drawn as this kind. */
    fun fits(grid: ResultGrid): Boolean

    /** Returns whether this view is the one for [grid] among those of its kind; the last of a kind takes the rest. */
    fun suits(grid: ResultGrid): Boolean = true

    /** Draws [grid]. */
    fun draw(
        grid: ResultGrid,
        frame: Frame,
    ): Drawing

    /** Returns the data that the page's script needs, based on [plain]. */
    fun data(
        grid: ResultGrid,
        plain: FigureData,
    ): FigureData = script?.let { plain.copy(view = it) } ?: plain
}

/**
 * The surroundings of a drawing.
 *
 * @property prefix prefix of its ids
 * @property alternative the text alternative
 */
internal class Frame(
    val prefix: String,
    val alternative: String,
    val photos: Photos = Photos.NONE,
)
