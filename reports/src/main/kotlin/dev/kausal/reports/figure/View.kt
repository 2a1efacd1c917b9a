package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.spec.FigureKind
import dev.kausal.spec.ModelShape

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

    /** Returns the edges that the page's script needs; null if [grid] is not drawn as a graph. */
    fun edges(
        grid: ResultGrid,
        others: OtherResults,
    ): List<EdgeData>? = null
}

/**
 * The surroundings of a drawing.
 *
 * @property prefix prefix of its ids
 * @property alternative the text alternative
 * @property others the other results of the page
 */
internal class Frame(
    val prefix: String,
    val alternative: String,
    val photos: Photos = Photos.NONE,
    val others: OtherResults = OtherResults.NONE,
)

/**
 * What a figure can look up beside its own result.
 *
 * @property grids all results of the page
 * @property model sizes of the model; null if they are not known
 */
internal class OtherResults(
    private val grids: List<ResultGrid>,
    val model: ModelShape?,
) {
    /** Returns the result called [name]; null if there is none. */
    fun named(name: String): ResultGrid? = grids.find { it.result.name == name }

    companion object {
        val NONE = OtherResults(emptyList(), null)
    }
}
