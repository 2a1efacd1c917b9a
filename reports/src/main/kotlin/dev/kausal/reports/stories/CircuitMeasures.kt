package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.count
import dev.kausal.reports.words.listed
import dev.kausal.reports.words.number
import dev.kausal.spec.CircuitPart
import dev.kausal.spec.CircuitRecord
import dev.kausal.spec.CircuitSpec
import dev.kausal.spec.ExampleRatios
import dev.kausal.spec.FigureKind
import dev.kausal.spec.MinimalityRecord
import dev.kausal.spec.ResultKind
import kotlin.math.abs

private const val COMPLETENESS =
    " Completeness is 1 minus the faithfulness of the model without the circuit's edges (Wang et al. 2023)."

/** Returns the method of what [spec] measures of circuits besides the metric, with a blank before it. */
internal fun measuresMethod(spec: CircuitSpec): String {
    val consistent = spec.consistent?.let {
        " Only edges are ranked whose mean effect keeps its sign in at least ${number(100 * it, 1)} % of the " +
            "bootstrap's draws of examples."
    }
    val completeness = COMPLETENESS.takeIf { spec.completeness }
    val minimality = spec.minimality?.let {
        " From the circuit of ${count(it.size, "edge")}, ${each(it.by)} is taken out alone."
    }
    return listOfNotNull(consistent, completeness, minimality).joinToString("")
}

private fun each(part: CircuitPart): String =
    when (part) {
        CircuitPart.Edge -> "each edge"
        CircuitPart.Writer -> "each writer, with all of its edges,"
    }

/** Returns how many edges were left out because their sign does not hold; null if all were ranked. */
internal fun leftOut(circuit: CircuitRecord): String? {
    if (circuit.leftOut.isEmpty()) return null
    val most = circuit.leftOut.max()
    val half = if (circuit.leftOut.size > 1) " (in the half with more)" else ""
    val short = circuit.sizes.filter { it > circuit.edges - most }
    val fewer =
        if (short.isEmpty()) {
            ""
        } else {
            " Circuits of more than the other ${circuit.edges - most} have these alone."
        }
    return "Of ${count(circuit.edges, "edge")}, $most$half ${agree(most, "was", "were")} left out of the ranking, as " +
        "the sign of ${agree(most, "its", "their")} effect does not hold.$fewer"
}

/** Returns the mean of the examples' own ratios in [cell]; null if there are none. */
internal fun ofExamples(
    ratios: ExampleRatios?,
    cell: Int,
    all: Int,
): String? {
    val mean = ratios?.mean?.getOrNull(cell) ?: return null
    val low = ratios.ciLow.getOrNull(cell)
    val high = ratios.ciHigh.getOrNull(cell)
    val interval = if (low == null || high == null) "" else " (${number(low)} to ${number(high)})"
    val without = all - ratios.examples
    val rest =
        if (without == 0) {
            ""
        } else {
            "; ${count(without, "example")} ${agree(without, "is", "are")} not divided, as clean and corrupted runs " +
                "hardly differ or in the other direction"
        }
    return "The mean of the examples' own ratios there is ${number(mean)}$interval$rest."
}

/** What is left of the behaviour without a circuit's edges. */
internal object CompletenessStory : ResultStory {
    override val kind = ResultKind.CircuitCompleteness

    override fun title(grid: ResultGrid): String = "completeness of circuits, by number of edges"

    override fun figure(grid: ResultGrid): FigureKind = FigureKind.Lines

    override fun findings(grid: ResultGrid): List<String> {
        val at = FaithfulSize.of(grid, grid.sizes[1], FAITHFUL) ?: return emptyList()
        val first = at.size * grid.sizes[1]
        val complete = grid.mean(first) ?: return emptyList()
        val left = 1 - complete
        val edges = count(at.edges, "edge")
        val enough = "the smallest circuit with a faithfulness of at least ${number(CircuitStory.MOST, 1)}"
        val which = if (at.enough) enough else "the most faithful circuit"
        val without =
            "Without the $edges of $which (${number(at.faithful)}), the model has a faithfulness of ${number(left)}: " +
                "completeness ${number(complete)}"
        val verdict =
            when {
                abs(left) <= 1 - CircuitStory.MOST -> LITTLE
                at.enough -> "the circuit is faithful, but not complete, as $OUTSIDE"
                else -> OUTSIDE
            }
        val random = if (grid.sizes[1] > RANDOM) grid.mean(first + RANDOM) else null
        val beside = random?.let { "Completeness of random circuits of as many edges: ${number(it)} on average." }
        val examples = ofExamples(grid.result.ratios, first, grid.result.examples.size)
        return listOfNotNull("$without; $verdict", beside, examples)
    }

    private const val LITTLE = "little is left of the difference between clean and corrupted runs."
    private const val OUTSIDE = "edges outside of it still move the metric."
    private const val FAITHFUL = 1
    private const val RANDOM = 2
}

/** The size of a circuit that sentences speak of. */
internal class FaithfulSize private constructor(
    val size: Int,
    val edges: Int,
    val faithful: Double,
    val enough: Boolean,
) {
    companion object {
        /**
         * Returns the first size whose faithfulness accounts for most of the difference, or else that with the highest one; null if
         * none was computed. All edges are faithful in every model and do not count among several sizes.
         *
         * @param columns number of cells of each size
         * @param column cell of a size that has its faithfulness
         */
        fun of(
            grid: ResultGrid,
            columns: Int,
            column: Int,
        ): FaithfulSize? {
            val sizes = grid.axes.first().labels

            fun value(size: Int) = grid.mean(size * columns + column)
            // The last of MIB's sizes is the whole model.
            val whole = (grid.analysis as? CircuitSpec)?.areas == true
            val known = sizes.indices.toList().dropLast(if (whole) 1 else 0).filter { value(it) != null }
            val enough = known.firstOrNull { value(it)!! >= CircuitStory.MOST }
            val at = enough ?: known.maxByOrNull { value(it)!! } ?: return null
            return FaithfulSize(at, sizes[at].toInt(), value(at)!!, enough != null)
        }
    }
}

/** What a circuit loses without each of its parts. */
internal object MinimalityStory : ResultStory {
    override val kind = ResultKind.CircuitMinimality

    override fun title(grid: ResultGrid): String {
        val record = grid.result.minimality ?: return super.title(grid)
        return "change of faithfulness without each ${part(record)} of the circuit of ${count(record.size, "edge")}"
    }

    override fun figure(grid: ResultGrid): FigureKind = FigureKind.Bars

    override fun findings(grid: ResultGrid): List<String> {
        val record = grid.result.minimality ?: return emptyList()
        return listOfNotNull(needed(grid, record), unneeded(record), opposing(record), undecided(record))
    }

    override fun headline(grid: ResultGrid): String = findings(grid).take(2).joinToString(" ")

    private fun needed(
        grid: ResultGrid,
        record: MinimalityRecord,
    ): String {
        val of = record.run { needed.size + unneeded.size + opposing.size + undecided.size }
        val faithful = record.faithfulness?.let { ", faithfulness ${number(it)}" }.orEmpty()
        val by = if (grid.result.ciLow.any { it != null }) ", by intervals for each on its own" else ""
        val count = record.needed.size
        val without = agree(count, "it", "any of them")
        return "Of the ${count(of, part(record))} of the circuit (${count(record.size, "edge")}$faithful), $count " +
            "${agree(count, "is", "are")} needed: without $without, faithfulness falls by more than " +
            "${number(record.margin)}$by."
    }

    private fun unneeded(record: MinimalityRecord): String? {
        val parts = record.unneeded.ifEmpty { return null }
        return "Not needed, alone: ${some(parts)}. What another part can stand in for counts as not needed."
    }

    private fun opposing(record: MinimalityRecord): String? {
        val parts = record.opposing.ifEmpty { return null }
        return "Without ${some(parts)}, faithfulness rises by more than ${number(record.margin)}."
    }

    private fun undecided(record: MinimalityRecord): String? {
        val count = record.undecided.size
        if (count == 0) return null
        val parts = count(count, part(record))
        val reach = agree(count, "its interval reaches", "their intervals reach")
        return "$parts ${agree(count, "is", "are")} undecided: $reach across that margin."
    }

    private fun part(record: MinimalityRecord): String = record.by.name.lowercase()

    private fun some(parts: List<String>): String {
        val named = parts.take(NAMED)
        val more = parts.size - named.size
        return if (more == 0) listed(named) else "${named.joinToString()} and $more more"
    }

    /** Parts that a sentence names. */
    private const val NAMED = 10
}
