package dev.kausal.reports.stories

import dev.kausal.reports.result.FAITHFUL
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.count
import dev.kausal.reports.words.metric
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.number
import dev.kausal.reports.words.ratio
import dev.kausal.spec.CircuitRecord
import dev.kausal.spec.CircuitSpec
import dev.kausal.spec.EdgeOrder
import dev.kausal.spec.FigureKind
import dev.kausal.spec.ResultKind

/** Circuits of several sizes. */
internal object CircuitStory : Story<CircuitSpec> {
    override val spec = CircuitSpec::class
    override val kind = ResultKind.Circuit

    override fun title(grid: ResultGrid): String = "${metricWords(grid.measure)} of circuits, by size"

    override fun figure(grid: ResultGrid): FigureKind = FigureKind.Lines

    override val background: String
        get() =
            "In a circuit, some edges carry what the model computes in this very run, and all others the corrupted " +
                "run's outputs. Faithfulness is the mean metric of circuits minus that of corrupted runs, divided " +
                "by that of clean runs minus that of corrupted runs: 0 for no edge, 1 for all of them."

    override fun method(spec: CircuitSpec): String {
        val kept = spec.kept
        if (kept !=
            null
        ) {
            return "The circuit of ${count(kept.size, "edge")} that the script names.${measuresMethod(spec)}"
        }
        val half = if (spec.halves) ", ranked on one half of the examples and measured on the other" else ""
        val random =
            if (spec.draws == 0) {
                ""
            } else {
                " Beside each, ${count(spec.draws, "random circuit")} with as many edges between each two layers and " +
                    "kinds of components."
            }
        val areas =
            if (spec.areas) {
                " CPR is the area under the faithfulness of circuits by signed scores from 0.1 % to all edges, CMD " +
                    "the area between it and 1 by absolute scores (Mueller et al. 2025)."
            } else {
                ""
            }
        return "Circuits of the edges that ${spec.edges} ranks highest, ${order(spec.select)}$half.$random$areas" +
            measuresMethod(spec)
    }

    private fun order(order: EdgeOrder): String =
        when (order) {
            EdgeOrder.Signed -> "by how far their corruption moves the metric towards the corrupted run's"
            EdgeOrder.Absolute -> "by the size of their effect"
            EdgeOrder.Greedy -> "from the logits upwards, by the size of their effect"
        }

    override fun metric(spec: CircuitSpec): String = metric(spec.metric, "corrupted")

    override fun findings(grid: ResultGrid): List<String> {
        val circuit = grid.result.circuit ?: return emptyList()
        return listOfNotNull(headline(grid).ifEmpty { null }, loose(circuit), leftOut(circuit))
    }

    override fun headline(grid: ResultGrid): String {
        val circuit = grid.result.circuit ?: return ""
        return listOfNotNull(faithful(grid, circuit), areas(grid), random(grid, circuit)).joinToString(" ")
    }

    /** Names the smallest circuit that accounts for most of the difference; all edges do so in every model. */
    private fun faithful(
        grid: ResultGrid,
        circuit: CircuitRecord,
    ): String? {
        val faithful = grid.result.faithfulness.orEmpty()
        val parts = circuit.sizes.indices.filter { circuit.sizes[it] < circuit.edges && faithful.getOrNull(it) != null }
        val enough = parts.firstOrNull { faithful[it]!! >= MOST }
        val at = enough ?: parts.maxByOrNull { faithful[it]!! } ?: return null
        val share = number(100.0 * circuit.sizes[at] / circuit.edges, 1)
        val edges = "${count(circuit.sizes[at], "edge")} ($share %)"
        val value = number(faithful[at])
        return when {
            faithful.size == 1 -> {
                "The circuit of $edges has a faithfulness of $value."
            }

            enough == null -> {
                "No circuit of fewer than all edges reaches a faithfulness of ${number(MOST, 1)}; the highest is " +
                    "$value, with $edges."
            }

            else -> {
                "The smallest measured circuit with a faithfulness of at least ${number(MOST, 1)} has $edges: $value."
            }
        }
    }

    private fun areas(grid: ResultGrid): String? {
        val cpr = grid.result.cpr ?: return null
        return "CPR ${number(cpr)} (higher is better), CMD ${number(grid.result.cmd)} (0 is best)."
    }

    private fun random(
        grid: ResultGrid,
        circuit: CircuitRecord,
    ): String? {
        val faithful = grid.result.faithfulness.orEmpty()
        val compared = circuit.random.indices.filter { circuit.random[it].isNotEmpty() }
        val better = compared.count { i ->
            faithful[i]?.let { own -> circuit.random[i].all { it != null && it < own } } == true
        }
        if (compared.isEmpty()) return null
        return "At $better of ${count(compared.size, "size")}, the circuit is more faithful than every random one."
    }

    private fun loose(circuit: CircuitRecord): String? {
        val connected = circuit.sizes.indices.map { size -> circuit.connected.minOf { it[size] } }
        val at = circuit.sizes.indices.maxByOrNull { circuit.sizes[it] - connected[it] } ?: return null
        if (connected[at] == circuit.sizes[at]) return null
        val halves = if (circuit.connected.size > 1) " (in the half with fewer)" else ""
        return "Of ${count(circuit.sizes[at], "edge")}, ${connected[at]}$halves " +
            "${agree(
                connected[at],
                "lies",
                "lie",
            )} on a path from the embedding to the logits; the others have no effect."
    }

    override val parts: List<ResultStory> = listOf(FaithfulnessStory, CompletenessStory, MinimalityStory)

    /** Faithfulness from which a circuit accounts for most of the difference. */
    const val MOST: Double = FAITHFUL
}

/** Faithfulness by size, beside that of random circuits. */
internal object FaithfulnessStory : ResultStory {
    override val kind = ResultKind.CircuitFaithfulness

    override fun title(grid: ResultGrid): String = "faithfulness of circuits, by number of edges"

    override fun figure(grid: ResultGrid): FigureKind = FigureKind.Lines

    override fun findings(grid: ResultGrid): List<String> {
        val columns = grid.cells / grid.sizes.first()
        val at = FaithfulSize.of(grid, columns, 0) ?: return emptyList()
        val first = at.size * columns
        val random = if (columns > 1) grid.mean(first + 1) else null
        val beside = random?.let { "; random circuits of as many: ${ratio(it)} on average" }.orEmpty()
        val value = ratio(at.faithful)
        val edges = count(at.edges, "edge")
        val reached =
            if (at.enough) {
                "Faithfulness first reaches ${number(CircuitStory.MOST, 1)} with $edges: $value$beside."
            } else {
                "The highest faithfulness is $value, with $edges$beside."
            }
        return listOfNotNull(reached, ofExamples(grid.result.ratios, first, grid.result.examples.size))
    }
}
