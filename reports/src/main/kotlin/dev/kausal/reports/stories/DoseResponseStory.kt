package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.evidence
import dev.kausal.reports.words.count
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.number
import dev.kausal.reports.words.signed
import dev.kausal.spec.DoseResponseSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.ResultKind
import kotlin.math.abs

/** Strengths of a direction by layer. */
internal object DoseResponseStory : Story<DoseResponseSpec> {
    override val spec = DoseResponseSpec::class
    override val kind = ResultKind.DoseResponse

    override fun title(grid: ResultGrid): String =
        "${metricWords(grid.measure)}, by strength of the direction and layer"

    override fun figure(grid: ResultGrid): FigureKind = FigureKind.Lines

    override val background: String
        get() =
            "A direction is added at one layer at a time, in several strengths. Controls are random directions of " +
                "the same length, and directions fitted in the same way after half of each class is exchanged, at " +
                "their own length or in the given unit. Each example is edited with a direction fitted without it. " +
                "Side effects are measured with the same edits on other sets."

    override fun method(spec: DoseResponseSpec): String {
        val (layers, strengths) = spec.axes.map { it.labels.size }
        val others = if (spec.effects.isEmpty()) "" else "; side effects: " + spec.effects.joinToString { it.name }
        return "${count(strengths, "strength")} at ${count(layers, "layer")}, one at a time; " +
            "${count(spec.random.size, "random direction")} and ${count(spec.shuffled.size, "shuffle")} as " +
            "controls$others."
    }

    override fun findings(grid: ResultGrid): List<String> = listOf(headline(grid))

    override fun headline(grid: ResultGrid): String {
        val best = (0 until grid.cells).filter { grid.change(it) != null }.maxByOrNull { abs(grid.change(it)!!) }
            ?: return "No value was computed."
        val controls = grid.result.dose
        val largest = controls?.let { all ->
            (all.random + all.shuffled).mapNotNull { draw -> draw[best]?.let { abs(it - grid.centre) } }.maxOrNull()
        }
        val compared = largest?.let {
            " There, controls change it by at most ${number(it)}."
        }
        val metric = metricWords(grid.measure).replaceFirstChar { it.uppercase() }
        return "$metric changes most at ${grid.where(best)}: by " +
            "${signed(grid.change(best)!!)} from ${number(grid.centre)}${evidence(grid, best)}.${compared.orEmpty()}" +
            largestOf(grid.cells)
    }

    override val parts: List<ResultStory> = listOf(SideEffectStory)
}

/** Metrics of other sets under the same edits. */
internal object SideEffectStory : ResultStory {
    override val kind = ResultKind.SideEffect

    override fun title(grid: ResultGrid): String = "side effect: ${metricWords(grid.measure)}, by strength and layer"

    override fun figure(grid: ResultGrid): FigureKind = FigureKind.Lines

    override fun findings(grid: ResultGrid): List<String> = listOf(headline(grid))

    override fun headline(grid: ResultGrid): String {
        val worst = (0 until grid.cells).filter { grid.change(it) != null }.maxByOrNull { abs(grid.change(it)!!) }
            ?: return "No value was computed."
        return "On the other set, ${metricWords(grid.measure)} changes most at ${grid.where(worst)}: by " +
            "${signed(grid.change(worst)!!)} from ${number(grid.centre)}${evidence(grid, worst)}." +
            largestOf(grid.cells)
    }
}

/** Returns the mean change of [cell] from the unedited run. */
private fun ResultGrid.change(cell: Int): Double? = mean(cell)?.minus(centre)
