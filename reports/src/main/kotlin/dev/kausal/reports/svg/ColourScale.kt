package dev.kausal.reports.svg

import dev.kausal.reports.words.number
import dev.kausal.spec.ValueRange
import kotlin.math.abs
import kotlin.math.max
import kotlin.math.min

/**
 * The colour scale of maps that are compared: from dark violet through red to pale yellow, increasingly light; or, for
 * changes from a centre, from blue through a neutral colour to orange. It ends at possible values.
 *
 * @property low value of the first colour
 * @property high value of the last one
 * @property changes whether values are changes
 */
internal class ColourScale private constructor(
    val low: Double,
    val high: Double,
    private val centre: Double,
    private val reach: Double,
    val changes: Boolean,
    range: ValueRange,
) {
    /** Lower end of the legend's colours, from 0 to 1; 0.5 if no value can be below the centre. */
    private val from = if (changes && range.low >= centre) MIDDLE else 0.0
    private val to = if (changes && range.high <= centre) MIDDLE else 1.0

    /** Whether values can be on both sides of the centre. */
    val diverging: Boolean = changes && to - from == 1.0

    /** Returns the place of [value] on the scale, from 0 to 1. */
    fun part(value: Double): Double =
        (if (changes) MIDDLE + (value - centre) / (2 * reach) else (value - low) / reach).coerceIn(0.0, 1.0)

    /** Returns the style sheet's colour step for [value]. */
    fun step(value: Double): Int = Math.round(part(value) * STEPS).toInt()

    fun rgb(
        value: Double,
        dark: Boolean = false,
    ): Int = mixed(
        if (!changes) {
            Palette.AMOUNTS
        } else if (dark) {
            DarkPalette.CHANGES
        } else {
            Palette.CHANGES
        },
        part(value),
    )

    /** Returns the opacity of a value over a photo: larger for strong values. */
    fun opacity(value: Double): Double {
        val strength = if (changes) abs(2 * part(value) - 1) else part(value)
        return FAINT + (STRONG - FAINT) * strength
    }

    /** Draws a bar of the colours, with their values. */
    fun legend(
        what: String,
        id: String,
    ): Markup {
        val width = max(WIDTH, textWidth(what) + 2 * EDGE)
        val alternative = "Colours: ${number(low)} to ${number(high)}, $what"
        val (first, last) = listOf(from, to).map { end -> (2 * end - 1).takeIf { changes } }
        val (left, right) = x(low) to x(high)
        val box = arrayOf<Attribute>("x" to short(left), "y" to 18, "width" to short(right - left), "height" to 14)
        return svg(width, 50, alternative, "class" to "legend", "data-from" to first, "data-to" to last) {
            paper(width, 50) + gradient(id) + svgText(EDGE, 12, what) +
                tag("rect", "class" to "colours", *box, "fill" to "url(#$id)") + ticks()
        }
    }

    private fun x(value: Double): Double {
        val part = if (changes) MIDDLE + (value - centre) / (2 * reach) else (value - low) / reach
        return EDGE + BAR * (part - from) / (to - from)
    }

    /** Draws the ends and the centre, which the page's script moves when the reader changes the range. */
    private fun ticks(): Markup {
        val middle = if (diverging) centre else (low + high) / 2
        return listOf("low" to low, "middle" to middle, "high" to high).markup { (name, value) ->
            val near = name == "middle" && (x(middle) - x(low) < ROOM || x(high) - x(middle) < ROOM)
            val anchor = mapOf("low" to "start", "middle" to "middle", "high" to "end").getValue(name)
            val shown = number(value, if (high - low < 1) 3 else 2)
            svgText(x(value), 46, shown, anchor, "data-tick" to name, "display" to "none".takeIf { near })
        }
    }

    /** Draws the colours along the legend. */
    private fun gradient(id: String): Markup {
        val all = if (changes) Palette.CHANGES else Palette.AMOUNTS
        val last = all.lastIndex
        val shown = (0..last).filter { it >= from * last && it <= to * last }
        val stops = shown.markup {
            val at = number(100 * (it.toDouble() / last - from) / (to - from), 1)
            tag("stop", "class" to "g$it".takeIf { changes }, "offset" to "$at%", "stop-color" to hex(all[it]))
        }
        val line = arrayOf<Attribute>("x1" to EDGE, "x2" to EDGE + BAR, "y1" to 0, "y2" to 0)
        return tag("defs") {
            tag("linearGradient", "id" to id, "gradientUnits" to "userSpaceOnUse", *line) { stops }
        }
    }

    companion object {
        private const val FAINT = 0.35
        private const val STRONG = 0.85
        private const val MIDDLE = 0.5
        private const val WIDTH = 260
        private const val BAR = 252
        private const val EDGE = 4

        /** Pixels that two tick labels need. */
        private const val ROOM = 56

        /** Returns a scale from 0 to [high]. */
        fun amounts(high: Double): ColourScale =
            max(high, Double.MIN_VALUE).let { ColourScale(0.0, it, 0.0, it, changes = false, ValueRange.NOT_NEGATIVE) }

        /** Returns a scale of half-width [reach] around [centre], within [range]. */
        fun changes(
            centre: Double,
            reach: Double,
            range: ValueRange,
        ): ColourScale =
            ColourScale(
                low = max(centre - reach, min(range.low, centre)),
                high = min(centre + reach, max(range.high, centre)),
                centre = centre,
                reach = reach,
                changes = true,
                range = range,
            )

        /** Returns one scale for [values] in [range]; around 0 if they are [changes], or some are negative. */
        fun of(
            values: List<Double>,
            changes: Boolean,
            range: ValueRange,
        ): ColourScale {
            val reach = values.maxOfOrNull { abs(it) }?.takeIf { it > 0 } ?: 1.0
            val both = range.low < 0 && values.any { it < 0 }
            return if (changes || both) changes(0.0, reach, range) else amounts(reach)
        }
    }
}
