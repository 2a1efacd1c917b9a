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
    ): String {
        val width = max(WIDTH, textWidth(what) + 2 * EDGE)
        val alternative = "Colours: ${number(low)} to ${number(high)}, $what"
        val place = if (changes) " data-from=\"${2 * from - 1}\" data-to=\"${2 * to - 1}\"" else ""
        val root = svgRoot("$width", "50", alternative).replace("<svg ", "<svg class=\"legend\"$place ")
        val (left, right) = x(low) to x(high)
        return "$root${paper(width, 50)}${gradient(id)}${svgText(EDGE, 12, what)}" +
            "<rect class=\"colours\" x=\"${short(left)}\" y=\"18\" width=\"${short(right - left)}\" height=\"14\" " +
            "fill=\"url(#$id)\"/>${ticks()}</svg>"
    }

    private fun x(value: Double): Double {
        val part = if (changes) MIDDLE + (value - centre) / (2 * reach) else (value - low) / reach
        return EDGE + BAR * (part - from) / (to - from)
    }

    /** Draws the ends and the centre, which the page's script moves when the reader changes the range. */
    private fun ticks(): String {
        val middle = if (diverging) centre else (low + high) / 2
        return listOf("low" to low, "middle" to middle, "high" to high).joinToString("") { (name, value) ->
            val near = name == "middle" && (x(middle) - x(low) < ROOM || x(high) - x(middle) < ROOM)
            val anchor = mapOf("low" to "start", "middle" to "middle", "high" to "end").getValue(name)
            val hidden = if (near) " display=\"none\"" else ""
            svgText(x(value), 46, number(value, if (high - low < 1) 3 else 2), anchor, " data-tick=\"$name\"$hidden")
        }
    }

    /** Draws the colours along the legend. */
    private fun gradient(id: String): String {
        val all = if (changes) Palette.CHANGES else Palette.AMOUNTS
        val last = all.lastIndex
        val shown = (0..last).filter { it >= from * last && it <= to * last }
        val stops = shown.joinToString("") {
            val at = number(100 * (it.toDouble() / last - from) / (to - from), 1)
            val name = if (changes) " class=\"g$it\"" else ""
            "<stop$name offset=\"$at%\" stop-color=\"${hex(all[it])}\"/>"
        }
        val line = "gradientUnits=\"userSpaceOnUse\" x1=\"$EDGE\" x2=\"${EDGE + BAR}\" y1=\"0\" y2=\"0\""
        return "<defs><linearGradient id=\"$id\" $line>$stops</linearGradient></defs>"
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
