package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.svg.Attribute
import dev.kausal.reports.svg.Markup
import dev.kausal.reports.svg.Palette
import dev.kausal.reports.svg.labelRoom
import dev.kausal.reports.svg.markup
import dev.kausal.reports.svg.orNone
import dev.kausal.reports.svg.paper
import dev.kausal.reports.svg.short
import dev.kausal.reports.svg.stroke
import dev.kausal.reports.svg.svg
import dev.kausal.reports.svg.svgText
import dev.kausal.reports.svg.tag
import dev.kausal.reports.words.count
import dev.kausal.reports.words.number
import dev.kausal.reports.words.signed
import dev.kausal.spec.FigureKind
import kotlin.math.abs
import kotlin.math.ceil
import kotlin.math.floor
import kotlin.math.log10
import kotlin.math.max
import kotlin.math.min
import kotlin.math.pow

private const val MOST_BARS = 20
private const val MOST_ROWS = 400
private const val ROW = 24
private const val THICK = 16
private const val TOP = 30
private const val PLOT = 340
private const val VALUES = 72

/** Margin for half of the last tick label. */
private const val EDGE = 24
private const val ROOM = 0.12

/** Confidence level of bundles that do not record it. */
private const val LEVEL = 0.95

/** Draws the strongest cells as signed bars from the baseline, with the rest of an attribution in one bar. */
internal fun bars(
    grid: ResultGrid,
    prefix: String,
    alternative: String,
): Drawing {
    val ranking = Ranking(grid)
    return Drawing(ranking.svg(prefix, alternative), ranking.reading(), ranking.width)
}

/**
 * A ranking in which every bar is an element with its cell's number.
 *
 * Bars beyond the first [MOST_BARS] are hidden until the reader filters or expands them.
 */
internal class Ranking(
    private val grid: ResultGrid,
) {
    private val attribution = grid.result.kind.ofOneSum
    private val shown = grid.strongest.take(MOST_BARS)
    private val rest = grid.strongest.drop(MOST_BARS)
    private val other = rest.takeIf { attribution && it.isNotEmpty() }?.sumOf { grid.mean(it)!! }
    private val all = grid.strongest.take(MOST_ROWS)
    private val others = other?.let { "other (${rest.size})" }
    private val names = shown.map { shortName(it) } + listOfNotNull(others)
    private val left = 16 + labelRoom(names) + VALUES
    private val reach = (grid.scale?.let { -it to it } ?: extent()).let { (low, high) ->
        val range = grid.measure.range
        max(low, min(range.low - grid.centre, 0.0)) to min(high, max(range.high - grid.centre, 0.0))
    }

    /** Width of the drawing in pixels. */
    val width: Int = left + PLOT + EDGE

    /** Pixels per unit, and the position of 0. */
    val unit: Double = PLOT / (reach.second - reach.first)
    val zero: Double = left - reach.first * unit

    private fun value(cell: Int): Double = grid.effect(cell) ?: (grid.mean(cell)!! - grid.centre)

    private fun extent(): Pair<Double, Double> {
        val intervals = shown.mapNotNull { grid.interval(it) }.flatMap { (low, high) -> listOf(low, high) }
        val ends = shown.map { value(it) } + intervals + listOfNotNull(other, 0.0)
        // Leave room on both sides, since single examples may have the other sign.
        val size = (ends.max() - ends.min()).takeIf { it > 0 } ?: 1.0
        return min(ends.min(), -size * ROOM) to max(ends.max(), size * ROOM)
    }

    fun svg(
        prefix: String,
        alternative: String,
    ): Markup {
        val rows = shown.size + if (other == null) 0 else 1
        val height = TOP + rows * ROW + 8
        val bars = all.withIndex().markup { (i, cell) -> bar(cell, i) }
        val rest = other?.let {
            row(shown.size, listOf("class" to "other"), others!!, it, null, Palette.OTHER)
        }.orNone()
        return svg(width, height, alternative, "data-left" to left) {
            paper(width, height) + axis(height, prefix) + bars + rest
        }
    }

    private fun bar(
        cell: Int,
        rank: Int,
    ): Markup {
        val value = value(cell)
        val hidden = "none".takeIf { rank >= shown.size }
        val place = if (rank < shown.size) rank else 0
        val colour = if (value >= 0) Palette.ABOVE else Palette.BELOW
        val attributes = listOf<Attribute>("data-c" to cell, "display" to hidden)
        return row(place, attributes, shortName(cell), value, grid.interval(cell), colour)
    }

    private fun row(
        place: Int,
        attributes: List<Attribute>,
        label: String,
        value: Double,
        interval: Pair<Double, Double>?,
        colour: String,
    ): Markup {
        val (from, to) = min(value, 0.0) to max(value, 0.0)
        val line = interval?.let { (low, high) ->
            stroke("M${x(low)} 12H${x(high)}", Palette.TEXT, "1.5")
        }.orNone()
        val number = svgText(left - 8, 16, signed(value), "end", "class" to "value")
        val hit = arrayOf<Attribute>(
            "width" to width,
            "height" to ROW,
            "fill" to "#fff",
            "fill-opacity" to 0,
        )
        val at = arrayOf<Attribute>("x" to x(from), "y" to (ROW - THICK) / 2)
        val size = arrayOf<Attribute>("width" to short((to - from) * unit), "height" to THICK)
        val moved = "transform" to "translate(0 ${TOP + place * ROW})"
        return tag("g", *attributes.toTypedArray(), moved) {
            tag("rect", "class" to "hit", *hit) + svgText(left - 8 - VALUES, 16, label.take(40), "end") +
                tag("rect", "class" to "bar", *at, *size, "fill" to colour) + line + number
        }
    }

    private fun axis(
        height: Int,
        prefix: String,
    ): Markup {
        val lines = ticks(reach.first, reach.second).markup { tick ->
            stroke("M${x(tick)} ${TOP - 4}V$height", Palette.RULE) +
                svgText(x(tick).toDouble(), TOP - 8, tickText(tick), "middle", "data-tick" to tick)
        }
        val zero = stroke("M${x(0.0)} ${TOP - 4}V$height", "#666666", "1.2")
        return tag("g", "class" to "axis", "id" to "$prefix-axis") { lines + zero }
    }

    private fun x(value: Double): String = short(zero + value * unit)

    /** Returns a cell's name: `L12 H4`, `L12 6:Tower`. */
    private fun shortName(cell: Int): String =
        if (grid.axes.size == 1) {
            grid.labels(0)[cell]
        } else {
            grid.place(cell).mapIndexed { axis, i ->
                when (grid.axes[axis].name) {
                    "layer" -> "L${grid.labels(axis)[i]}"
                    "head" -> "H${grid.labels(axis)[i]}"
                    else -> "$i:${grid.labels(axis)[i]}"
                }
            }.joinToString(" ")
        }

    fun reading(): String {
        val interval = if (shown.any { grid.interval(it) != null }) {
            " Thin line: ${number(100 * (grid.result.inference?.level ?: LEVEL), 0)} % interval."
        } else {
            ""
        }
        if (!attribution) {
            val from = when {
                grid.centre == 0.0 -> ""
                grid.ofEditedRuns -> " Bars start at the unedited value, ${number(grid.centre)}."
                else -> " Bars start at ${number(grid.centre)}, as by chance."
            }
            return "The ${count(shown.size, "strongest cell")}, in order.$from$interval" +
                if (rest.isNotEmpty()) " ${count(rest.size, "weaker cell")} not shown." else ""
        }
        val more = count(rest.size, "other component")
        val other = if (rest.isEmpty()) "" else " Grey: sum of the $more."
        return "Each component's share of the answer's logit minus the foil's: orange favours the answer, blue the " +
            "foil.$other$interval Sum of all: ${number(grid.strongest.sumOf { grid.mean(it)!! })}."
    }
}

/** Returns four to eight round numbers from [low] to [high]. */
internal fun ticks(
    low: Double,
    high: Double,
): List<Double> {
    val rough = (high - low) / 5
    val power = 10.0.pow(floor(log10(rough)))
    val step = listOf(1, 2, 5, 10).map { it * power }.first { it >= rough }
    val numbers = generateSequence(ceil(low / step)) { it + 1 }.map { it * step }
    return numbers.takeWhile { it <= high + step / 1e6 }.toList()
}

/** Returns the label of [tick], with the decimals that it needs. */
internal fun tickText(tick: Double): String = number(tick, digits(tick))

private fun digits(tick: Double): Int =
    (0..6).first { digits ->
        val scaled = tick * 10.0.pow(digits)
        digits == 6 || abs(scaled - Math.round(scaled)) < 1e-6
    }

/** The strongest cells as bars. */
internal object BarsView : View {
    override val kind = FigureKind.Bars
    override val script = "bars"

    override fun fits(grid: ResultGrid) = grid.axes.isNotEmpty()

    override fun draw(
        grid: ResultGrid,
        frame: Frame,
    ) = bars(grid, frame.prefix, frame.alternative)

    override fun data(
        grid: ResultGrid,
        plain: FigureData,
    ): FigureData = Ranking(grid).let { plain.copy(view = script, zero = it.zero, unit = it.unit) }
}
