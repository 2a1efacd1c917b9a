package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.svg.Markup
import dev.kausal.reports.svg.markup
import dev.kausal.reports.words.count
import dev.kausal.reports.words.shownToken
import dev.kausal.spec.FigureKind
import kotlin.math.abs

/** Maximum number of tokens with a heat map each. */
private const val MOST_TOKENS = 8

/** Heat maps of layers and positions, one for each token that a lens follows, on one scale. */
internal object LensTokensView : View {
    override val kind = FigureKind.Heatmap

    override fun fits(grid: ResultGrid) = grid.axes.map { it.name } == listOf("token", "layer", "position")

    override fun suits(grid: ResultGrid): Boolean = fits(grid)

    override fun draw(
        grid: ResultGrid,
        frame: Frame,
    ): Drawing {
        val reach = (0 until grid.cells).mapNotNull { grid.mean(it) }.maxOfOrNull { abs(it - grid.centre) }
        val slices = grid.onScale(reach).slices().map { (token, slice) -> token to slice.onScale(reach) }
        val drawn = slices.take(MOST_TOKENS).mapIndexed { i, (token, slice) ->
            val name = shownToken(token)
            val map = heatmap(slice, "${frame.prefix}-$i", "${frame.alternative} Token $name.")
            line("Token: \u201c$name\u201d") + map.content to map.reading
        }
        val left = slices.size - drawn.size
        val rest = if (left > 0) line("${count(left, "more token")} in results.json.") else Markup.NONE
        return Drawing(drawn.markup { it.first } + rest, drawn.first().second)
    }

    override fun data(
        grid: ResultGrid,
        plain: FigureData,
    ): FigureData = plain.copy(view = STILL)
}
