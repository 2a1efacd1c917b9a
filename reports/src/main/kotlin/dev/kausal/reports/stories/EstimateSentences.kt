package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.formatOf
import dev.kausal.reports.result.plainWords
import dev.kausal.reports.result.roundingOf
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.number
import dev.kausal.reports.words.signed
import dev.kausal.spec.Agreement
import dev.kausal.spec.BackwardRules
import dev.kausal.spec.EstimateSpec
import dev.kausal.spec.Flow
import dev.kausal.spec.Missed
import dev.kausal.spec.ProductRule
import dev.kausal.spec.Screening
import dev.kausal.spec.Slope
import dev.kausal.spec.Softmax
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.Writes
import java.util.Locale
import kotlin.math.abs

/** The largest effects of a sweep that is estimated; of those that were computed too, the exact ones. */
internal object EstimatedEffects : Sentence {
    override fun of(grid: ResultGrid): String? {
        val by = grid.result.estimate ?: return null
        val screening = grid.result.screening
        return if (screening == null) estimated(grid, by) else computed(grid, by, screening)
    }

    private fun estimated(
        grid: ResultGrid,
        by: EstimateSpec,
    ): String? {
        if (grid.losesRecovery) return lowest(grid, by)
        if (by.unsigned) return sizes(grid, by)
        val cells = grid.strongest.take(NAMED).filter { abs(changeOf(grid, it)) > roundingOf(grid) }
        val largest = cells.map { "${signed(changeOf(grid, it))} at ${grid.where(it)}" }
        val what = if (grid.isRecovery) "recoveries" else "changes"
        val none = "By ${words(
            by,
        )}, no edit is estimated to change the ${plainWords(grid)} beyond ${formatOf(grid)} rounding."
        if (largest.isEmpty()) return none
        return "Estimated by ${words(by)}, not computed: the largest $what of the ${plainWords(grid)} are " +
            "${listed(largest)}."
    }

    /** Names the largest sizes, which have no sign. */
    private fun sizes(
        grid: ResultGrid,
        by: EstimateSpec,
    ): String {
        val cells = grid.strongest.take(NAMED).filter { (grid.mean(it) ?: 0.0) > roundingOf(grid) }
        if (cells.isEmpty()) {
            return "By ${words(
                by,
            )}, no edit is estimated to change the ${plainWords(grid)} beyond ${formatOf(grid)} rounding."
        }
        val largest = cells.map { "${number(grid.mean(it))} at ${grid.where(it)}" }
        return "Estimated by ${words(by)}, not computed, as sizes without a sign, which rank cells but are no " +
            "changes: the " +
            "largest of the ${plainWords(grid)} are ${listed(largest)}."
    }

    /** Names the lowest recoveries of edits to the clean run, whose own is 1. */
    private fun lowest(
        grid: ResultGrid,
        by: EstimateSpec,
    ): String? {
        val cells = (0 until grid.cells).filter { grid.mean(it) != null }.sortedBy { grid.mean(it)!! }.take(NAMED)
        if (cells.isEmpty()) return null
        val values = cells.map { "${number(grid.mean(it))} at ${grid.where(it)}" }
        return "Estimated by ${words(by)}, not computed: the lowest recoveries of the ${plainWords(grid)} are " +
            "${listed(values)}; the unedited clean run is 1."
    }

    private fun computed(
        grid: ResultGrid,
        by: EstimateSpec,
        screening: Screening,
    ): String? {
        val places = screening.top + screening.sampled
        val known = places.indices.filter { screening.exact[it] != null }
        val largest = known.sortedByDescending { abs(screening.exact[it]!!) }.take(NAMED).map {
            "${signed(screening.exact[it]!!)} at ${grid.where(places[it])} " +
                "(estimate ${estimate(screening.estimated[it] ?: 0.0, by)})"
        }
        if (largest.isEmpty()) return estimated(grid, by)
        return "Estimated by ${words(
            by,
        )}; ${count(known.size, "cell")} of ${grid.cells} computed exactly. The largest " +
            "exact changes of the ${plainWords(grid)} are ${listed(largest)}."
    }

    private fun estimate(
        value: Double,
        by: EstimateSpec,
    ): String = if (by.unsigned) "${number(value)}, without a sign" else signed(value)

    private const val NAMED = 3
}

/** How far estimates are from exact numbers, and what the estimates may have missed. */
internal object ScreeningAgreement : Sentence {
    override fun of(grid: ResultGrid): String? {
        val screening = grid.result.screening ?: return null
        val top = agreement(screening.ofTop)?.let { "Among the ${screening.top.size} largest estimates, $it." }
        val drawn = count(screening.sampled.size, "cell") + " drawn at random from the other ${screening.others}"
        val sample = agreement(screening.ofSample)?.let { "Among $drawn, $it." }
        return listOfNotNull(top, sample, screening.missed?.let { missed(grid, screening, it) })
            .joinToString(" ")
            .ifEmpty { null }
    }

    private fun agreement(of: Agreement): String? {
        val parts = listOfNotNull(
            of.rankCorrelation?.let {
                "sizes of estimated and exact changes have a rank correlation of ${number(it, 2)}"
            },
            if (of.signs > 0) "${of.sameSign} of ${of.signs} signs agree" else null,
            of.slope?.let { "an exact change is ${number(it, 2)} times its estimate (least squares)" },
        )
        return if (parts.isEmpty()) null else listed(parts)
    }

    private fun missed(
        grid: ResultGrid,
        screening: Screening,
        missed: Missed,
    ): String {
        val found = if (missed.above == 0) "None" else "${missed.above}"
        val verb = agree(maxOf(missed.above, 1), "exceeds", "exceed")
        val head = "$found of ${count(missed.of, "random cell")} $verb ${threshold(grid, screening, missed)}"
        if (missed.of >= screening.others) return "$head; no other cells are left."
        val level = "%.0f".format(Locale.ROOT, 100 * missed.level)
        val share = number(100 * missed.share, 1)
        return "$head: at most $share % of the other ${count(screening.others, "cell")} do (one-sided $level % bound)."
    }
}

/** Returns what sampled cells are compared with, in digits or as a share of the largest exact change. */
private fun threshold(
    grid: ResultGrid,
    screening: Screening,
    missed: Missed,
): String {
    val exact = screening.exact.take(screening.top.size).filterNotNull().map { abs(it) }
    val smallest = exact.minOrNull() ?: 0.0
    val of = "the ${screening.top.size} largest estimates"
    if (smallest <= roundingOf(grid)) {
        return "${formatOf(
            grid,
        )} rounding (${number(missed.threshold)}), as the smallest exact change among $of does not either"
    }
    val largest = exact.max()
    val share = if (smallest < FAINT * largest) ", ${number(100 * smallest / largest, 2)} % of the largest" else ""
    return "${number(missed.threshold)}, the smallest exact change (in size) among $of$share"
}

/** A threshold below this share of the largest change is given as its share, too. */
private const val FAINT = 0.05

/** Returns how the numbers of [sweep] are estimated, after a blank; empty if they are computed. */
internal fun estimateMethod(sweep: SweepSpec): String {
    val by = sweep.by ?: return ""
    val slope = when (by) {
        is EstimateSpec.Gradient -> {
            "the gradient there, taken in the run that is edited"
        }

        is EstimateSpec.IntegratedGradients -> {
            "the mean gradient there at ${count(
                by.steps,
                "point",
            )} of the line from the other run's input embedding to " +
                "that of the edited run (k/${by.steps} of the way, k from 0)"
        }
    }
    val exact = sweep.exact?.let {
        " The ${count(
            it.top,
            "cell",
        )} with the largest estimates and ${it.sample} drawn at random from the others are " +
            "computed as well."
    }
    val what =
        if (by.unsigned) {
            "sizes without a sign, means over passes that each lack what one layer writes, of the change of the " +
                "edited " +
                "activations times"
        } else {
            "the value of the unedited run plus the change of the edited activations times"
        }
    return " Estimated, not computed: $what $slope.${rules(by.rules)}${exact.orEmpty()}"
}

private fun rules(rules: BackwardRules): String {
    val parts = listOfNotNull(
        "divisors of norms are constants".takeIf { rules.norms == Flow.Frozen },
        "attention patterns are constants".takeIf { rules.patterns == Flow.Frozen },
        "an activation function counts as its value over its input".takeIf { rules.activations == Slope.Secant },
        "each side of a gate gets half of its gradient".takeIf { rules.gates == ProductRule.Half },
        "nothing flows through MLPs".takeIf { rules.mlps == Flow.Frozen },
        "nothing flows through what the attention and the MLP of one layer add to the stream, layer by layer"
            .takeIf { rules.writes == Writes.Dropped },
    )
    val softmax = " Edits of queries, keys and scores go through the softmax itself.".takeIf {
        rules.softmax == Softmax.Recomputed
    }
    return (if (parts.isEmpty()) "" else " In the backward pass, ${listed(parts)}.") + softmax.orEmpty()
}

private fun words(by: EstimateSpec): String =
    when (by) {
        is EstimateSpec.Gradient -> "gradients"
        is EstimateSpec.IntegratedGradients -> "integrated gradients (${count(by.steps, "step")})"
    }
