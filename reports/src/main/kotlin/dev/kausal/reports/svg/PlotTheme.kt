package dev.kausal.reports.svg

import org.jetbrains.letsPlot.intern.OptionsMap
import org.jetbrains.letsPlot.themes.elementBlank
import org.jetbrains.letsPlot.themes.elementLine
import org.jetbrains.letsPlot.themes.elementRect
import org.jetbrains.letsPlot.themes.elementText
import org.jetbrains.letsPlot.themes.theme
import kotlin.math.ceil

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

/** The room of the longest label at an axis, in pixels. */
internal fun labelRoom(labels: List<String>): Int = (labels.maxOfOrNull { textWidth(it) } ?: 0).coerceAtMost(MOST_ROOM)

/** About how wide [text] is at the drawings' size of letters, in pixels; rather too wide than too narrow. */
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

/** [text] in lines that are no wider than [room] pixels, where it has blanks to break at. */
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

/** Blocks from Hangul on: letters as wide as they are high. */
private val WIDE_SCRIPTS = 0x1100..0xffef
