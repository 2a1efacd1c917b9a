package dev.kausal.reports

import dev.kausal.spec.FigureKind
import org.jetbrains.letsPlot.intern.OptionsMap
import org.jetbrains.letsPlot.themes.elementBlank
import org.jetbrains.letsPlot.themes.elementLine
import org.jetbrains.letsPlot.themes.elementRect
import org.jetbrains.letsPlot.themes.elementText
import org.jetbrains.letsPlot.themes.theme

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

/** Colours that the colour-blind tell apart: below, none, above. */
internal object Ink {
    const val BELOW: String = "#2166ac"
    const val NONE: String = "#f7f7f7"
    const val ABOVE: String = "#b35806"
    const val GAP: String = "#e2e2e2"
    const val OTHER: String = "#8a8a8a"
    const val TEXT: String = "#222222"
    const val RULE: String = "#e6e6e6"
    val LINES: List<String> =
        listOf(
            "#0072b2",
            "#d55e00",
            "#009e73",
            "#cc79a7",
            "#56b4e9",
            "#e69f00",
            "#332288",
            "#882255",
            "#44aa99",
            "#999933",
            "#6699cc",
            "#555555",
        )
}

/** Most cells that a heat map draws; above it the figure says so instead. */
internal const val MOST_CELLS: Int = 12_000

/** The kind that shows a result best when the script asks for none. */
internal fun defaultKind(grid: Grid): FigureKind =
    when (grid.result.kind) {
        "directLogitAttribution" -> FigureKind.Bars

        "jointAblation" -> FigureKind.Lines

        "behaviour", "watch" -> FigureKind.Bars

        "attention" -> FigureKind.Attention

        "logitLens" -> FigureKind.Table

        "attentionMeasure" -> FigureKind.Lines

        else -> if (ofPatches(grid)) {
            FigureKind.ImageMap
        } else if (grid.axes.size <
            2
        ) {
            FigureKind.Lines
        } else {
            FigureKind.Heatmap
        }
    }

/** [asked], or what can be drawn of this result in its stead. */
internal fun drawableKind(
    asked: FigureKind,
    grid: Grid,
): FigureKind {
    val axes = grid.axes.size
    val fits =
        when (asked) {
            FigureKind.Heatmap -> axes in 2..3 && !ofPatches(grid)
            FigureKind.Lines -> axes in 1..2
            FigureKind.Bars -> axes > 0
            FigureKind.Attention -> axes == 4
            FigureKind.ImageMap -> ofPatches(grid)
            FigureKind.Table -> axes == 2 && !grid.result.top.isNullOrEmpty()
        }
    val fallback = defaultKind(grid)
    return when {
        fits -> asked
        asked != fallback -> drawableKind(fallback, grid)
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
            Drawing("<p class=\"none\">No value was computed, so there is nothing to draw.</p>", "")
        }

        grid.axes.isEmpty() -> {
            Drawing("<p class=\"one\">${number(grid.mean(0))}</p>", "One number, without a grid.")
        }

        kind == FigureKind.ImageMap -> {
            imageMaps(grid, photos, prefix)
        }

        kind == FigureKind.Attention -> {
            attentionFigure(grid, alternative)
        }

        kind == FigureKind.Table -> {
            lensTable(grid)
        }

        kind == FigureKind.Bars -> {
            bars(grid, prefix, alternative)
        }

        kind == FigureKind.Lines && hasRandomSets(grid) -> {
            randomSetsFigure(grid, alternative)
        }

        kind == FigureKind.Lines -> {
            lines(grid, prefix, alternative)
        }

        isOfTokens(grid) -> {
            attentionFigure(grid, alternative)
        }

        isClustered(grid) -> {
            similarityFigure(grid, prefix, alternative)
        }

        else -> {
            heatmap(grid, prefix, alternative)
        }
    }

/** The look that every plot shares: dark text for its light card, no frame. */
internal fun plotTheme(
    grid: Boolean,
    slantedX: Boolean = false,
): OptionsMap {
    val rule = if (grid) elementLine(color = Ink.RULE, size = 0.5) else elementBlank()
    return theme(
        text = elementText(color = Ink.TEXT),
        plotBackground = elementRect(fill = "white", color = "white", size = 0),
        panelBackground = elementRect(fill = if (grid) "white" else Ink.GAP, color = "white", size = 0),
        panelGridMajor = rule,
        panelGridMinor = elementBlank(),
        axisLine = elementBlank(),
        axisTicks = elementBlank(),
        axisTitle = elementText(size = 13, color = "#444444"),
        axisText = elementText(size = 12, color = Ink.TEXT),
        axisTextX = elementText(
            size = 12,
            angle = if (slantedX) 45 else 0,
            hjust = if (slantedX) 1 else 0.5,
            color = Ink.TEXT,
        ),
        legendTitle = elementText(size = 12, color = "#444444"),
        legendText = elementText(size = 11, color = Ink.TEXT),
    )
}

/** Every how many labels of [n] fit where [most] do. */
internal fun labelStep(
    n: Int,
    most: Int,
): Int = (n + most - 1) / most.coerceAtLeast(1)

/** Longest label's room at an axis, in pixels. */
internal fun labelRoom(labels: List<String>): Int = 7 * (labels.maxOfOrNull { it.length } ?: 0).coerceAtMost(40)

/** What the legend and axes call the numbers. */
private const val DIFFERENCE = "difference of "

internal fun metricWords(metric: String): String =
    when {
        metric.startsWith("recovery(") -> "recovered " + metricWords(metric.removePrefix("recovery(").removeSuffix(")"))
        metric.startsWith("change of ") -> "change of " + metricWords(metric.removePrefix("change of "))
        metric.startsWith(DIFFERENCE) -> "difference of effects on the " + metricWords(metric.removePrefix(DIFFERENCE))
        metric == "logitDifference" -> "logit difference"
        metric == "logProbability" -> "log probability"
        metric == "kl" -> "KL divergence (nats)"
        metric == "loss" -> "loss (nats)"
        else -> metric
    }
