package dev.kausal.reports.svg

import dev.kausal.reports.words.escaped
import dev.kausal.reports.words.number
import dev.kausal.reports.words.value
import kotlin.math.abs
import kotlin.math.max
import kotlin.math.roundToInt

/**
 * The colours of all maps that are compared: from dark violet through red to pale yellow, growing lighter all the way;
 * or, where values are changes, from blue through white to orange.
 *
 * @property low value of the first colour
 * @property high value of the last one
 */
internal class ColourScale(
    val low: Double,
    val high: Double,
    val diverging: Boolean,
) {
    private val stops: List<Int> = if (diverging) CHANGES else AMOUNTS

    /** Where between the ends [value] stands, 0 to 1. */
    fun part(value: Double): Double = ((value - low) / (high - low)).coerceIn(0.0, 1.0)

    fun rgb(value: Double): Int = mixed(part(value))

    /** How much a value covers of the photo under it: strong values more. */
    fun opacity(value: Double): Double {
        val strength = if (diverging) abs(2 * part(value) - 1) else part(value)
        return FAINT + (STRONG - FAINT) * strength
    }

    private fun mixed(part: Double): Int {
        val at = part * (stops.size - 1)
        val from = at.toInt().coerceAtMost(stops.size - 2)
        return listOf(16, 8, 0).fold(0) { rgb, shift ->
            val a = stops[from] shr shift and 0xff
            val b = stops[from + 1] shr shift and 0xff
            rgb or ((a + (b - a) * (at - from)).roundToInt() shl shift)
        }
    }

    /** A bar of the colours with what they stand for. */
    fun legend(
        what: String,
        id: String,
    ): String {
        val ticks = listOf(4 to low, 130 to (low + high) / 2, 256 to high).zip(listOf("start", "middle", "end"))
        val text = ticks.joinToString("") { (tick, anchor) ->
            "<text x=\"${tick.first}\" y=\"46\" text-anchor=\"$anchor\" font-size=\"12\">${number(tick.second)}</text>"
        }
        val root = svgRoot(
            "260",
            "50",
            "Colours: ${number(low)} to ${number(high)}, $what",
        ).replace("<svg ", "<svg class=\"legend\" ")
        return "$root${gradient(id)}" +
            "<text x=\"4\" y=\"12\" font-size=\"12\">${escaped(what)}</text>" +
            "<rect x=\"4\" y=\"18\" width=\"252\" height=\"14\" fill=\"url(#$id)\"/>$text</svg>"
    }

    /** The colours from low to high, to the right or [upright]. */
    fun gradient(
        id: String,
        upright: Boolean = false,
    ): String {
        val colours = stops.indices.joinToString("") {
            "<stop offset=\"${number(100.0 * it / (stops.size - 1), 1)}%\" stop-color=\"${hex(stops[it])}\"/>"
        }
        val way = if (upright) " x1=\"0\" y1=\"1\" x2=\"0\" y2=\"0\"" else ""
        return "<defs><linearGradient id=\"$id\"$way>$colours</linearGradient></defs>"
    }

    companion object {
        private const val FAINT = 0.35
        private const val STRONG = 0.85
        private val AMOUNTS = listOf(0x12082e, 0x4a0d67, 0x8c2369, 0xc93f4b, 0xf1731d, 0xfcb519, 0xfdf6b2)

        /** From far below the centre to far above it, distinguishable for colour-blind readers. */
        val CHANGES = listOf(0x2166ac, 0x7fb0d6, 0xf7f7f7, 0xe8a15c, 0xb35806)

        /** One scale for [values]; if they are [changes], or any is negative, it reaches as far to both sides. */
        fun of(
            values: List<Double>,
            changes: Boolean,
        ): ColourScale {
            val reach = values.maxOfOrNull { abs(it) }?.takeIf { it > 0 } ?: 1.0
            return if (changes || values.any { it < 0 }) {
                ColourScale(-reach, reach, diverging = true)
            } else {
                ColourScale(0.0, max(reach, Double.MIN_VALUE), diverging = false)
            }
        }

        fun hex(rgb: Int): String = "#%06x".format(rgb)
    }
}
