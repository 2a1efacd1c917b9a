package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.spec.FigureKind

/** Attention of each head. */
internal object AttentionView : View {
    override val kind = FigureKind.Attention
    override val script = "attention"

    override fun fits(grid: ResultGrid) = grid.axes.size == 4

    override fun draw(
        grid: ResultGrid,
        frame: Frame,
    ) = attentionFigure(grid, frame.alternative)

    /** Lets readers choose layer, head and example, and the text if texts differ. */
    override fun data(
        grid: ResultGrid,
        plain: FigureData,
    ): FigureData {
        val texts = if (isOfTokens(grid)) byText(grid) else listOf(grid)
        val own = texts.takeIf { it.size > 1 }?.map { it.labels(it.axes.lastIndex) }
        return plain.copy(view = script, tokens = own)
    }
}

/** Attention between tokens, if a script requests a heat map. */
internal object TokenHeatmapView : View by AttentionView {
    override val kind = FigureKind.Heatmap

    override fun fits(grid: ResultGrid) = HeatmapView.fits(grid)

    override fun suits(grid: ResultGrid) = isOfTokens(grid)
}
