package dev.kausal.reports.svg

import org.jetbrains.letsPlot.intern.OptionsMap
import org.jetbrains.letsPlot.themes.elementBlank
import org.jetbrains.letsPlot.themes.elementLine
import org.jetbrains.letsPlot.themes.elementRect
import org.jetbrains.letsPlot.themes.elementText
import org.jetbrains.letsPlot.themes.theme

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
