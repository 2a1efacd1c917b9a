package dev.kausal.reports.svg

import org.jetbrains.letsPlot.intern.OptionsMap
import org.jetbrains.letsPlot.themes.elementBlank
import org.jetbrains.letsPlot.themes.elementLine
import org.jetbrains.letsPlot.themes.elementRect
import org.jetbrains.letsPlot.themes.elementText
import org.jetbrains.letsPlot.themes.theme
import kotlin.math.ceil

/** Returns the theme of all plots: dark text for a light card, no frame. */
internal fun plotTheme(
    grid: Boolean,
    slantedX: Boolean = false,
): OptionsMap {
    val rule = if (grid) elementLine(color = Palette.RULE, size = 0.5) else elementBlank()
    return theme(
        text = elementText(color = Palette.TEXT),
        plotBackground = elementRect(fill = "white", color = "white", size = 0),
        panelBackground = elementRect(fill = if (grid) "white" else Palette.GAP, color = "white", size = 0),
        panelGridMajor = rule,
        panelGridMinor = elementBlank(),
        axisLine = elementBlank(),
        axisTicks = elementBlank(),
        axisTitle = elementText(size = 13, color = "#444444"),
        axisText = elementText(size = 12, color = Palette.TEXT),
        axisTextX = elementText(
            size = 12,
            angle = if (slantedX) 45 else 0,
            hjust = if (slantedX) 1 else 0.5,
            color = Palette.TEXT,
        ),
        legendTitle = elementText(size = 12, color = "#444444"),
        legendText = elementText(size = 11, color = Palette.TEXT),
    )
}

/** Returns the spacing at which at most [most] of [n] labels remain. */
internal fun labelStep(
    n: Int,
    most: Int,
): Int = (n + most - 1) / most.coerceAtLeast(1)

/** Returns the width of the longest label of an axis, in pixels. */
internal fun labelRoom(labels: List<String>): Int = (labels.maxOfOrNull { textWidth(it) } ?: 0).coerceAtMost(MOST_ROOM)

/** Estimates the width of [text] in pixels at the drawings' font size, rather too large than too small. */
internal fun textWidth(text: String): Int =
    ceil(
        text.sumOf { c ->
            when {
                c in NARROW -> 4.5
                c in WIDE || c.code in WIDE_SCRIPTS -> 12.5
                c.isUpperCase() -> 9.0
                else -> 7.2
            }
        },
    ).toInt()

/** Breaks [text] at blanks into lines of at most [room] pixels. */
internal fun wrapped(
    text: String,
    room: Int,
): List<String> =
    text.split(' ').fold(emptyList()) { lines, word ->
        val longer = if (lines.isEmpty()) word else lines.last() + " " + word
        if (lines.isEmpty() || textWidth(longer) > room) lines + word else lines.dropLast(1) + longer
    }

private const val MOST_ROOM = 280
private const val NARROW = "iljtfrI.,:;'|!()[] "
private const val WIDE = "mwMW@%\u2014\u2026"

/** Unicode blocks from Hangul on, whose letters are as wide as they are high. */
private val WIDE_SCRIPTS = 0x1100..0xffef
