package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.spec.FigureKind

/** All views; among those of one kind, views for special results come first. */
internal object Views {
    val all: List<View> =
        listOf(
            TokenHeatmapView,
            LensTokensView,
            SimilarityView,
            PairedBarsView,
            HeatmapView,
            RandomSetsView,
            CaptureView,
            LinesView,
            BehaviourView,
            BarsView,
            AttentionView,
            ImageMapView,
            LensTableView,
            GraphView,
            TextsView,
        )

    /** Names of the scripts that the views need. */
    val scripts: List<String> = all.mapNotNull { it.script }.distinct()

    /** Returns the view that draws [grid] as [kind]. */
    fun of(
        kind: FigureKind,
        grid: ResultGrid,
    ): View = all.filter { it.kind == kind }.let { views -> views.find { it.suits(grid) } ?: views.last() }

    /** Returns the CSS class of the card for figures of [kind]. */
    fun card(kind: FigureKind): String = listOfNotNull("card", all.first { it.kind == kind }.card).joinToString(" ")

    /** Returns whether [grid] can be drawn as [kind]. */
    fun fits(
        kind: FigureKind,
        grid: ResultGrid,
    ): Boolean = all.any { it.kind == kind && it.fits(grid) }
}
