package dev.kausal.reports.figure

import dev.kausal.reports.result.Grid
import dev.kausal.spec.FigureKind

/** One way to draw a result. All stand in [Views]. */
internal interface View {
    /** The kind of figure that scripts ask for. */
    val kind: FigureKind

    /** The part of the page's script that answers questions about the figure; null if none does. */
    val script: String? get() = null

    /** Class of the card that it stands in, for the style sheet. */
    val card: String? get() = null

    /** Whether the axes of [grid] can be drawn as this kind. */
    fun fits(grid: Grid): Boolean

    /** Whether this view, of those of its kind, is the one for [grid]; the last of a kind takes what is left. */
    fun suits(grid: Grid): Boolean = true

    /** Draws [grid]. */
    fun draw(
        grid: Grid,
        frame: Frame,
    ): Drawing

    /** Returns what the page's script has to know beyond [plain]. */
    fun data(
        grid: Grid,
        plain: FigureData,
    ): FigureData = script?.let { plain.copy(view = it) } ?: plain
}

/**
 * Where a figure is drawn.
 *
 * @property prefix what ids in it start with
 * @property alternative the text for readers who do not see it
 */
internal class Frame(
    val prefix: String,
    val alternative: String,
    val photos: Photos = Photos.NONE,
)
