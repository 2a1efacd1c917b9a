package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.at
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.number
import dev.kausal.spec.DirectionFit
import dev.kausal.spec.FigureKind
import dev.kausal.spec.ProbeSpec
import dev.kausal.spec.ResultKind
import dev.kausal.spec.ValueRange

/** Probes of two classes of prompts. */
internal object ProbeStory : Story<ProbeSpec> {
    override val spec = ProbeSpec::class
    override val kind = ResultKind.Probe

    override fun title(grid: ResultGrid): String = "AUROC of probes on held-out examples, by ${axesOf(grid)}"

    override fun figure(grid: ResultGrid): FigureKind = figureOf(grid)

    override val background: String
        get() =
            "A probe is fitted on each half of the groups of examples and measured on the other half. AUROC is the " +
                "probability that it scores a prompt of the first class above one of the second: 0.5 by chance. " +
                "Controls are probes fitted to and measured on shuffled classes, and random directions. " +
                "A probe shows that the classes can be told apart there, not that the model uses what it reads."

    override fun method(spec: ProbeSpec): String =
        "${if (spec.fit == DirectionFit.Logistic) "Logistic probes" else "Probes along ${fitWords(spec.fit)}"}, " +
            "${classesText(spec.vectors.classes)}, ${at(spec.vectors.at)} of " +
            "${spec.vectors.points.first().site.replace("blocks.0.", "blocks.N.")}; ${count(spec.draws, "draw")} of " +
            "each control" + (if (spec.transfer.isEmpty()) "." else "; measured on ${listed(spec.transfer)} as well.")

    override fun findings(grid: ResultGrid): List<String> = listOfNotNull(headline(grid), bySplit(grid), beyond(grid))

    override fun headline(grid: ResultGrid): String {
        val best = grid.highest ?: return ""
        val controls = grid.result.probe
        val compared = controls?.let {
            val shuffled = it.shuffled[best]
            "; shuffled classes ${number(shuffled.average())} (at most ${number(shuffled.max())}), random directions " +
                number(it.random[best].average())
        }
        val area = "AUROC ${valueWithin(grid, best)} on held-out examples${compared.orEmpty()}"
        // The highest of several areas, so an interval above chance is necessary, not sufficient.
        val low = grid.result.ciLow.getOrNull(best)
        return if ((low ?: grid.mean(best) ?: 0.0) > CHANCE) {
            "Probes tell the classes apart best at ${grid.where(best)}: $area." + largestOf(grid.cells)
        } else {
            "No probe is shown to tell the classes apart; the highest at ${grid.where(best)}: $area."
        }
    }

    /** Describes how far the highest area depends on the division into halves; null if there is one. */
    private fun bySplit(grid: ResultGrid): String? {
        val splits = grid.highest?.let { grid.result.probe?.splits?.getOrNull(it) } ?: return null
        return "There, AUROC is ${number(
            splits.min(),
        )} to ${number(splits.max())} over ${splits.size} divisions into halves."
    }

    /** Counts the cells whose area no shuffle reaches. */
    private fun beyond(grid: ResultGrid): String? {
        val controls = grid.result.probe ?: return null
        val above = (0 until grid.cells).count { cell -> (grid.mean(cell) ?: 0.0) > controls.shuffled[cell].max() }
        return "At $above of ${count(grid.cells, "place")}, AUROC is above that of all " +
            "${controls.shuffled.first().size} probes of shuffled classes there."
    }

    override val parts: List<ResultStory> = listOf(ProbeAccuracyStory, ProbeTransferStory)
}

/** Accuracy of probes. */
internal object ProbeAccuracyStory : ResultStory {
    override val kind = ResultKind.ProbeAccuracy

    override fun title(grid: ResultGrid): String = "accuracy of probes on held-out examples, by ${axesOf(grid)}"

    override fun figure(grid: ResultGrid): FigureKind = figureOf(grid)

    override fun findings(grid: ResultGrid): List<String> =
        listOfNotNull(
            grid.highest?.let {
                "Accuracy is highest at ${grid.where(it)}: ${valueWithin(grid, it)}; 0.5 by chance."
            },
        )
}

/** Probes on other sets. */
internal object ProbeTransferStory : ResultStory {
    override val kind = ResultKind.ProbeTransfer

    override fun title(grid: ResultGrid): String = "AUROC of probes on another set, by ${axesOf(grid)}"

    override fun figure(grid: ResultGrid): FigureKind = figureOf(grid)

    override fun findings(grid: ResultGrid): List<String> =
        listOfNotNull(
            grid.highest?.let {
                "Fitted on one set, probes tell the classes of another apart best at ${grid.where(it)}: AUROC " +
                    "${valueWithin(grid, it)}; 0.5 by chance.${largestOf(grid.cells)}"
            },
        )
}

private fun axesOf(grid: ResultGrid): String = grid.axes.joinToString(" and ") { it.name }

private fun figureOf(grid: ResultGrid): FigureKind = if (grid.axes.size == 1) FigureKind.Lines else FigureKind.Heatmap

/** Returns the mean of [cell], with its interval in brackets. */
internal fun valueWithin(
    grid: ResultGrid,
    cell: Int,
): String {
    val low = grid.result.ciLow.getOrNull(cell)
    val high = grid.result.ciHigh.getOrNull(cell)
    // Intervals of means are symmetric, and a share of 0.99 has one that ends above 1.
    val share = grid.measure.range == ValueRange.SHARE
    val (from, to) = if (share) low?.coerceAtLeast(0.0) to high?.coerceAtMost(1.0) else low to high
    return number(grid.mean(cell)) + if (from == null || to == null) "" else " (${number(from)} to ${number(to)})"
}

private fun fitWords(fit: DirectionFit): String =
    when (fit) {
        DirectionFit.MeanDifference -> "the difference of the classes' means"
        DirectionFit.PrincipalDifference -> "the first principal component of the differences"
        DirectionFit.PrincipalComponent -> "the first principal component"
        DirectionFit.Logistic -> "logistic weights"
    }

/** AUROC of a probe that knows nothing. */
private const val CHANCE = 0.5
