package dev.kausal.reports.figure

import dev.kausal.reports.result.BehaviourGroups
import dev.kausal.reports.result.ResultGrid
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
import dev.kausal.reports.words.number
import dev.kausal.spec.CellLayout
import dev.kausal.spec.FigureKind

private const val ROW = 26
private const val TOP = 58
private const val GAP = 36
private const val SHARES = 170
private const val SHIFTS = 220
private const val FULL = 100.0
private const val OFFSET = 5

/**
 * Draws the behaviour of each group, in a panel per unit: shares, shifts, and shifts beyond the controls; then in
 * tables.
 */
internal fun behaviourFigure(
    grid: ResultGrid,
    alternative: String,
): Drawing {
    val groups = BehaviourGroups(grid)
    val beyond = if (groups.controls.isEmpty()) {
        ""
    } else {
        " Right: the same question's shift minus that under a control. Controls are below the line."
    }
    val reading =
        "Left: share of examples that prefer the answer, open for the clean and filled for the corrupted prompt. " +
            "Middle: shift of the ${groups.metric} from clean to corrupted; below 0 is towards the foil.$beyond " +
            "Thin lines: intervals."
    return Drawing(BehaviourPanels(groups).svg(alternative) + behaviourTables(groups), reading)
}

/** The scale of one panel. */
private class Panel(
    val left: Int,
    private val width: Int,
    private val low: Double,
    private val high: Double,
) {
    val middle: Int get() = left + width / 2

    fun x(value: Double): Double = left + (value - low) / (high - low) * width

    fun axis(
        bottom: Int,
        at: List<Double> = ticks(low, high),
        unit: (Double) -> String,
    ): Markup = at.markup { tick ->
        stroke("M${short(x(tick))} ${TOP - 8}V$bottom", if (tick == 0.0) "#666666" else Palette.RULE) +
            svgText(x(tick), TOP - 12, unit(tick), "middle")
    }
}

private class BehaviourPanels(
    private val groups: BehaviourGroups,
) {
    private val grid = groups.grid
    private val order = groups.others + groups.names.indices.filter { it !in groups.others }
    private val left = 12 + labelRoom(groups.names)
    private val bottom = TOP + order.size * ROW
    private val shares = Panel(left, SHARES, 0.0, FULL)
    private val shifts = panel(left + SHARES + GAP, groups.names.indices.map { groups.shift(it) })
    private val beyond =
        groups.controls.takeIf { it.isNotEmpty() }?.let { controls ->
            val cells = groups.others.flatMap { group -> controls.indices.map { groups.shiftBeyond(group, it) } }
            panel(left + SHARES + SHIFTS + 2 * GAP, cells)
        }
    private val width = left + SHARES + SHIFTS + GAP + (if (beyond == null) 0 else SHIFTS + GAP) + GAP

    private fun panel(
        at: Int,
        cells: List<Int>,
    ): Panel {
        val ends = cells.mapNotNull { grid.mean(it) } +
            cells.mapNotNull { grid.interval(it) }.flatMap { (low, high) -> listOf(low, high) } + 0.0
        val room = ((ends.max() - ends.min()).takeIf { it > 0 } ?: 1.0) * 0.05
        return Panel(at, SHIFTS, ends.min() - room, ends.max() + room)
    }

    fun svg(alternative: String): Markup {
        val rows = order.withIndex().markup { (row, group) -> row(group, TOP + row * ROW + ROW / 2) }
        return svg(width, bottom + 8, alternative) { paper(width, bottom + 8) + heads() + axes() + line() + rows }
    }

    private fun heads(): Markup =
        svgText(shares.middle, 14, "prefers the answer", "middle") +
            svgText(shifts.middle, 14, "shift of the ${groups.metric}", "middle") +
            beyond?.let { panel ->
                svgText(panel.middle, 14, "shift beyond a control", "middle") + key(panel)
            }.orNone()

    /** Draws the key to the controls' colours. */
    private fun key(panel: Panel): Markup {
        var x = panel.left
        return groups.controls.withIndex().markup { (i, name) ->
            val mark = tag("circle", "cx" to x + 4, "cy" to 28, "r" to 4, "fill" to colour(i))
            val text = svgText(x + 12, 32, name)
            x += 26 + labelRoom(listOf(name))
            mark + text
        }
    }

    private fun axes(): Markup =
        shares.axis(bottom, listOf(0.0, FULL / 2, FULL)) { "${number(it, 0)} %" } +
            listOfNotNull(shifts, beyond).markup { panel -> panel.axis(bottom, unit = ::tickText) }

    /** Draws the line above the controls. */
    private fun line(): Markup {
        if (groups.controls.isEmpty()) return Markup.NONE
        val y = TOP + groups.others.size * ROW
        return stroke("M0 ${y}H$width", "#999999", null, "stroke-dasharray" to "3 3")
    }

    private fun row(
        group: Int,
        y: Int,
    ): Markup {
        val (clean, corrupted) = groups.clean(group) to groups.corrupted(group)
        val from = grid.mean(clean)?.let { shares.x(FULL * it) }
        val to = grid.mean(corrupted)?.let { shares.x(FULL * it) }
        val between = if (from == null || to == null) {
            Markup.NONE
        } else {
            stroke("M${short(from)} ${y}H${short(to)}", Palette.OTHER, "2")
        }
        val beyondEach = groups.controls.indices.markup { control ->
            val offset = OFFSET * (2 * control - groups.controls.size + 1)
            if (group !in groups.others || beyond == null) {
                Markup.NONE
            } else {
                point(groups.shiftBeyond(group, control), beyond, y + offset / 2, colour(control))
            }
        }
        return svgText(left - 12, y + 4, groups.names[group], "end") + between +
            dot(clean, from, y, Palette.LINES[0]) + open(from, y) + dot(corrupted, to, y, Palette.LINES[0]) +
            point(groups.shift(group), shifts, y, Palette.LINES[0]) + beyondEach
    }

    /** Draws the background of an open dot. */
    private fun open(
        x: Double?,
        y: Int,
    ): Markup =
        x?.let { tag("circle", "class" to "open", "cx" to short(it), "cy" to y, "r" to 3, "fill" to "#fff") }.orNone()

    private fun colour(control: Int) = Palette.LINES[1 + control % (Palette.LINES.size - 1)]

    private fun point(
        cell: Int,
        panel: Panel,
        y: Int,
        colour: String,
    ): Markup {
        val line = grid.interval(cell)?.let { (low, high) ->
            stroke("M${short(panel.x(low))} ${y}H${short(panel.x(high))}", colour, "2")
        }.orNone()
        return line + dot(cell, grid.mean(cell)?.let(panel::x), y, colour)
    }

    private fun dot(
        cell: Int,
        x: Double?,
        y: Int,
        colour: String,
    ): Markup =
        x?.let { tag("circle", "data-c" to cell, "cx" to short(it), "cy" to y, "r" to 5, "fill" to colour) }.orNone()
}

/** Shares and shifts of groups. */
internal object BehaviourView : View {
    override val kind = FigureKind.Bars

    override fun fits(grid: ResultGrid) = BarsView.fits(grid)

    override fun suits(grid: ResultGrid) = grid.result.kind.layout == CellLayout.Groups

    override fun draw(
        grid: ResultGrid,
        frame: Frame,
    ) = behaviourFigure(grid, frame.alternative)

    override fun data(
        grid: ResultGrid,
        plain: FigureData,
    ): FigureData = plain.copy(metric = "value")
}
