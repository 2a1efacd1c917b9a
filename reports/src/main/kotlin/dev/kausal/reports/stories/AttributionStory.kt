package dev.kausal.reports.stories

import dev.kausal.reports.result.Grid
import dev.kausal.reports.result.roundingOf
import dev.kausal.reports.result.within
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.number
import dev.kausal.reports.words.run
import dev.kausal.reports.words.signed
import dev.kausal.spec.AttributionSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.Inferred
import dev.kausal.spec.ResultKind
import kotlin.math.abs

/** Shares of the logit difference. */
internal object AttributionStory : Story<AttributionSpec> {
    override val spec = AttributionSpec::class
    override val kind = ResultKind.DirectLogitAttribution
    override val listedByImage: Boolean get() = true

    override fun title(grid: Grid): String = "which components write the logit difference"

    override fun figure(grid: Grid): FigureKind = FigureKind.Bars

    override fun method(spec: AttributionSpec): String =
        "Direct logit attribution on ${run(spec.run)}: the final residual stream is a sum of what the " +
            "embedding, each head, each MLP and the biases wrote; each part's share of the answer's logit minus " +
            "the foil's is read off through the final norm (Elhage et al. 2021)."

    override fun findings(grid: Grid): List<String> = listOfNotNull(LargestShares.of(grid), attributionSum(grid))

    override fun headline(grid: Grid): String = LargestShares.of(grid).orEmpty()

    override fun evidence(
        grid: Grid,
        inferred: Inferred,
    ): List<String> = effectsFound(grid, inferred)
}

/** So many components are named. */
private const val NAMED = 3

/** Which components write the logit difference, and how much of it the named ones make up. */
internal object LargestShares : Sentence {
    override fun of(grid: Grid): String? {
        if (grid.isEmpty) return null
        val total = grid.baseline(grid.run)
        if (total == null || abs(total) < FAINT) return largest(grid, null)
        val towards = grid.strongest.filter { grid.mean(it)!! * total > 0 }
        val sums = towards.runningFold(0.0) { sum, cell -> sum + grid.mean(cell)!! }.drop(1)
        val needed = sums.indexOfFirst { abs(it) >= abs(total) / 2 } + 1
        // Naming a few is only fair if no other share is larger, of either sign, and what speaks against does not undo them.
        val few = towards.take(needed)
        val against = grid.strongest.filter { grid.mean(it)!! * total < 0 }.sumOf { abs(grid.mean(it)!!) }
        val fair = needed in 1..NAMED && few == grid.strongest.take(needed) && against <= abs(total) / 2
        if (!fair) return largest(grid, total)
        val verb = if (needed == 1) "alone writes" else "write"
        return "${listed(
            few.map {
                share(grid, it)
            },
        )} $verb ${percent(sums[needed - 1] / total)} of the logit difference of ${number(total)}."
    }

    private fun largest(
        grid: Grid,
        total: Double?,
    ): String {
        val first = grid.strongest.take(NAMED)
        val sum = first.sumOf { grid.mean(it)!! }
        val of = total?.let { " of ${number(it)} (${percent(sum / it)})" }.orEmpty()
        val together = if (first.size > 1) "; together they write ${signed(sum)}$of" else ""
        return "The largest shares of the logit difference are ${listed(first.map { share(grid, it) })}$together."
    }

    private fun share(
        grid: Grid,
        cell: Int,
    ): String {
        val label = if (grid.axes.size == 1) grid.labels(0)[cell] else grid.words(cell)
        return "$label ${signed(grid.mean(cell)!!)}${within(grid, cell)}"
    }

    private fun percent(share: Double): String = "${number(100 * share, 0)} %"

    /** A logit difference this small is no whole that shares could be parts of. */
    private const val FAINT = 1e-3
}

/** Whether the shares add up to the logit difference, judged by the rounding of the run. */
internal fun attributionSum(grid: Grid): String {
    val sum = grid.strongest.sumOf { grid.mean(it)!! }
    val all = "All ${count(grid.strongest.size, "component")} add up to ${number(sum)}"
    val total = grid.baseline(grid.run) ?: return "$all."
    val gap = abs(sum - total)
    val allowed = SUMS * roundingOf(grid)
    return if (gap <= allowed) {
        "$all, the ${grid.run} run's logit difference to within ${number(gap, 6)}."
    } else {
        "$all, but the ${grid.run} run's logit difference is ${number(total)}: the shares are off by ${number(gap)}."
    }
}

/** A sum of some hundred shares, each rounded, against one number: so many times what a single number may be off by. */
private const val SUMS = 10
