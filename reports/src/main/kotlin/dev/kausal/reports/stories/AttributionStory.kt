package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
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

    override fun title(grid: ResultGrid): String = "which components write the logit difference"

    override fun figure(grid: ResultGrid): FigureKind = FigureKind.Bars

    override fun method(spec: AttributionSpec): String =
        "Direct logit attribution on ${run(spec.run)} (Elhage et al. 2021): the final residual stream is the sum of " +
            "embedding, heads, MLPs and biases; each one's share of the answer's logit minus the foil's is read " +
            "through the final norm."

    override fun findings(grid: ResultGrid): List<String> = listOfNotNull(LargestShares.of(grid), attributionSum(grid))

    override fun headline(grid: ResultGrid): String = LargestShares.of(grid).orEmpty()

    override fun evidence(
        grid: ResultGrid,
        inferred: Inferred,
    ): List<String> = effectsFound(grid)
}

/** Number of components that a sentence names. */
private const val NAMED = 3

/** Names the components that write the logit difference, and their share of it. */
internal object LargestShares : Sentence {
    override fun of(grid: ResultGrid): String? {
        if (grid.isEmpty) return null
        val total = grid.baseline(grid.run)
        if (total == null || abs(total) < FAINT) return largest(grid, null)
        val towards = grid.strongest.filter { grid.mean(it)!! * total > 0 }
        val sums = towards.runningFold(0.0) { sum, cell -> sum + grid.mean(cell)!! }.drop(1)
        val needed = sums.indexOfFirst { abs(it) >= abs(total) / 2 } + 1
        // A few may be named if no other share of either sign is larger and opposing shares do not cancel them.
        val few = towards.take(needed)
        val against = grid.strongest.filter { grid.mean(it)!! * total < 0 }.sumOf { abs(grid.mean(it)!!) }
        val fair = needed in 1..NAMED && few == grid.strongest.take(needed) && against <= abs(total) / 2
        if (!fair) return largest(grid, total)
        val verb = if (needed == 1) "alone writes" else "write"
        val shares = listed(few.map { share(grid, it) })
        return "$shares $verb ${percent(sums[needed - 1] / total)} of the logit difference of ${number(total)}."
    }

    private fun largest(
        grid: ResultGrid,
        total: Double?,
    ): String {
        val first = grid.strongest.take(NAMED)
        val sum = first.sumOf { grid.mean(it)!! }
        val of = total?.let { " of ${number(it)} (${percent(sum / it)})" }.orEmpty()
        val together = if (first.size > 1) "; together they write ${signed(sum)}$of" else ""
        return "Largest shares of the logit difference: ${listed(first.map { share(grid, it) })}$together."
    }

    private fun share(
        grid: ResultGrid,
        cell: Int,
    ): String {
        val label = if (grid.axes.size == 1) grid.labels(0)[cell] else grid.words(cell)
        return "$label ${signed(grid.mean(cell)!!)}${within(grid, cell)}"
    }

    private fun percent(share: Double): String = "${number(100 * share, 0)} %"

    /** Below this logit difference, shares are not given. */
    private const val FAINT = 1e-3
}

/** Describes whether the shares sum to the logit difference, up to the rounding of the run. */
internal fun attributionSum(grid: ResultGrid): String {
    val sum = grid.strongest.sumOf { grid.mean(it)!! }
    val all = "All ${count(grid.strongest.size, "component")} sum to ${number(sum)}"
    val total = grid.baseline(grid.run) ?: return "$all."
    val gap = abs(sum - total)
    val allowed = SUMS * roundingOf(grid)
    return if (gap <= allowed) {
        "$all, within ${number(gap, 6)} of the ${grid.run} run's logit difference."
    } else {
        "$all, but the ${grid.run} run's logit difference is ${number(total)}: the shares are off by ${number(gap)}."
    }
}

/** Rounding of a sum of some hundred shares, relative to that of one number. */
private const val SUMS = 10
