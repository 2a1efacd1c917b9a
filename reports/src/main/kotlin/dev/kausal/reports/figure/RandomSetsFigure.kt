package dev.kausal.reports.figure

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.svg.Attribute
import dev.kausal.reports.svg.Markup
import dev.kausal.reports.svg.Palette
import dev.kausal.reports.svg.markup
import dev.kausal.reports.svg.orNone
import dev.kausal.reports.svg.paper
import dev.kausal.reports.svg.short
import dev.kausal.reports.svg.stroke
import dev.kausal.reports.svg.svg
import dev.kausal.reports.svg.svgText
import dev.kausal.reports.svg.tag
import dev.kausal.reports.svg.wrapped
import dev.kausal.reports.words.at
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.number
import dev.kausal.spec.FigureKind
import dev.kausal.spec.RandomSetsOfSize
import dev.kausal.statistics.Quantiles

private const val WIDTH = 540
private const val HEIGHT = 340
private const val LEFT = 78
private const val RIGHT = 12
private const val TOP = 14
private const val BOTTOM = 52

/** Half of a strip's maximum width, and half of a mark in it, in pixels. */
private const val STRIP = 26.0
private const val MARK = 7.0
private const val TAIL = 0.025

/** Maximum number of lines for the name of the metric. */
private const val LINES = 2

/** Returns whether chosen heads can be drawn among random ones. */
internal fun hasRandomSets(grid: ResultGrid): Boolean =
    grid.result.randomSets?.sizes.orEmpty().isNotEmpty()

/** Draws the change by the chosen heads among those by random sets, for each number of heads. */
internal fun randomSetsFigure(
    grid: ResultGrid,
    alternative: String,
): Drawing {
    val draws = grid.result.randomSets!!.draws
    val bars = if (grid.axes[0].labels.indices.any { grid.interval(grid.index(listOf(it, 0))) != null }) {
        " Thin line: interval of the chosen heads."
    } else {
        ""
    }
    return Drawing(
        RandomSetsFigure(grid).svg(alternative),
        "Dots: the chosen heads. Grey strokes: $draws random sets of the same size; the dark one is their median, " +
            "and the shaded part holds 95 %.$bars 0 is the unedited run.",
        WIDTH,
    )
}

/** A strip of random sets per number of heads, and the chosen heads as a dot with its cell's number. */
private class RandomSetsFigure(
    private val grid: ResultGrid,
) {
    private val sizes = grid.result.randomSets!!.sizes
    private val chosen = sizes.indices.map { grid.index(listOf(it, 0)) }
    private val low: Double
    private val high: Double

    init {
        val intervals = chosen.mapNotNull { grid.interval(it) }.flatMap { (low, high) -> listOf(low, high) }
        val all = sizes.flatMap { it.changes + it.chosen } + intervals + 0.0
        val reach = grid.scale
        low = reach?.unaryMinus() ?: all.min()
        high = reach ?: all.max().coerceAtLeast(all.min() + 1e-9)
    }

    private val step = (WIDTH - LEFT - RIGHT) / sizes.size.toDouble()

    private fun x(size: Int): Double = LEFT + (size + 0.5) * step

    private fun y(value: Double): Double =
        TOP + (high - value.coerceIn(low, high)) / (high - low) * (HEIGHT - TOP - BOTTOM)

    fun svg(alternative: String): Markup =
        svg(WIDTH, HEIGHT, alternative) {
            val strips = sizes.indices.markup { strip(it, sizes[it]) }
            paper(WIDTH, HEIGHT) + axis() + strips + line() + sizes.indices.markup { dot(it) }
        }

    private fun axis(): Markup {
        val rules =
            ticks(low, high).markup { tick ->
                stroke("M$LEFT ${short(y(tick))}H${WIDTH - RIGHT}", Palette.RULE) +
                    svgText(LEFT - 6, y(tick) + 4, number(tick, if (high - low < 2) 2 else 1), "end")
            }
        val zero =
            stroke("M$LEFT ${short(y(0.0))}H${WIDTH - RIGHT}", "#666666", null, "stroke-dasharray" to "5 4")
        val labels =
            sizes.indices.markup { svgText(x(it), HEIGHT - BOTTOM + 20, "${sizes[it].heads}", "middle") }
        val names =
            svgText((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, "heads removed together", "middle") +
                wrapped(metricWords(grid.measure), HEIGHT - TOP - BOTTOM).take(LINES).withIndex().markup {
                    svgText(12 + 13 * it.index, (TOP + HEIGHT - BOTTOM) / 2, it.value, "middle", turn = -90)
                }
        return rules + zero + labels + names
    }

    /** Draws the random sets as strokes in one path, with the middle 95 % shaded and the median dark. */
    private fun strip(
        at: Int,
        size: RandomSetsOfSize,
    ): Markup {
        val half = minOf(STRIP, step * 0.4)
        val (bottom, top) = y(Quantiles.of(size.changes, TAIL)) to y(Quantiles.of(size.changes, 1 - TAIL))
        val left = x(at) - half
        val strokes = size.changes.joinToString("") { "M${short(x(at) - MARK)} ${short(y(it))}h${short(2 * MARK)}" }
        val middle = y(Quantiles.median(size.changes))
        val height = short((bottom - top).coerceAtLeast(1.0))
        val box = arrayOf<Attribute>(
            "x" to short(left),
            "y" to short(top),
            "width" to short(2 * half),
            "height" to height,
        )
        return tag("rect", *box, "fill" to Palette.OTHER, "fill-opacity" to "0.18") +
            tag("path", "d" to strokes, "stroke" to Palette.OTHER, "stroke-opacity" to "0.55", "stroke-width" to 1) +
            stroke("M${short(left)} ${short(middle)}h${short(2 * half)}", "#444444", "2")
    }

    private fun line(): Markup {
        val points = sizes.indices.joinToString("L") { "${short(x(it))} ${short(y(sizes[it].chosen))}" }
        return tag("path", "d" to "M$points", "fill" to "none", "stroke" to Palette.LINES[0], "stroke-width" to "1.4")
    }

    private fun dot(at: Int): Markup {
        val interval =
            grid.interval(chosen[at])?.let { (low, high) ->
                stroke("M${short(x(at))} ${short(y(low))}V${short(y(high))}", Palette.LINES[0], "2")
            }.orNone()
        val place = arrayOf<Attribute>("cx" to short(x(at)), "cy" to short(y(sizes[at].chosen)), "r" to 6)
        val ink = arrayOf<Attribute>("fill" to Palette.LINES[0], "stroke" to "#ffffff", "stroke-width" to "1.5")
        return interval + tag("circle", "data-c" to chosen[at], *place, *ink)
    }
}

/** Chosen heads among random ones. */
internal object RandomSetsView : View {
    override val kind = FigureKind.Lines

    override fun fits(grid: ResultGrid) = LinesView.fits(grid)

    override fun suits(grid: ResultGrid) = hasRandomSets(grid)

    override fun draw(
        grid: ResultGrid,
        frame: Frame,
    ) = randomSetsFigure(grid, frame.alternative)
}
