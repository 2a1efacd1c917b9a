package dev.kausal.reports.stories

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.words.count
import dev.kausal.reports.words.metric
import dev.kausal.reports.words.metricWords
import dev.kausal.reports.words.number
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
                "by that " +
                "of clean runs minus that of corrupted runs: 0 for no edge, 1 for all of them."

    override fun method(spec: CircuitSpec): String {
        val kept = spec.kept
        if (kept != null) return "The circuit of ${count(kept.size, "edge")} that the script names."
        val half = if (spec.halves) ", ranked on one half of the examples and measured on the other" else ""
        val random =
            if (spec.draws == 0) {
                ""
            } else {
                " Beside each, ${count(spec.draws, "random circuit")} with as many edges between each two layers and " +
                    "kinds of parts."
            }
        val areas =
            if (spec.areas) {
                " CPR is the area under the faithfulness of circuits by signed scores from 0.1 % to all edges, CMD " +
                    "the " +
                    "area between it and 1 by absolute scores (Mueller et al. 2025)."
            } else {
                ""
            }
        return "Circuits of the edges that ${spec.edges} ranks highest, ${order(spec.select)}$half.$random$areas"
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
        return listOfNotNull(headline(grid).ifEmpty { null }, areas(grid), random(grid, circuit), loose(circuit))
    }

    /** The smallest circuit that gives back most of the difference of clean and corrupted runs. */
    override fun headline(grid: ResultGrid): String {
        val circuit = grid.result.circuit ?: return ""
        val faithful = grid.result.faithfulness.orEmpty()
        val enough = faithful.indices.firstOrNull { i -> (faithful[i] ?: 0.0) >= MOST }
        val at = enough ?: faithful.indices.maxByOrNull { faithful[it] ?: Double.NEGATIVE_INFINITY } ?: return ""
        val share = number(100.0 * circuit.sizes[at] / circuit.edges, 1)
        val which =
            when {
                faithful.size == 1 -> "The circuit"
                enough == null -> "The most faithful circuit"
                else -> "A circuit"
            }
        return "$which of ${count(circuit.sizes[at], "edge")} ($share %) has a faithfulness of ${number(faithful[at])}."
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
        val better = compared.count { i -> circuit.random[i].all { (it ?: 0.0) < (faithful[i] ?: 0.0) } }
        if (compared.isEmpty()) return null
        return "At $better of ${count(compared.size, "size")}, the circuit is more faithful than every random one."
    }

    private fun loose(circuit: CircuitRecord): String? {
        val at = circuit.sizes.indices.maxByOrNull { circuit.sizes[it] - circuit.connected.first()[it] } ?: return null
        val connected = circuit.connected.first()[at]
        if (connected == circuit.sizes[at]) return null
        return "Not all edges count: of ${circuit.sizes[at]}, $connected lie on a path from the embedding to the " +
            "logits."
    }

    override val parts: List<ResultStory> = listOf(FaithfulnessStory)

    /** Faithfulness from which a circuit accounts for most of the difference. */
    private const val MOST = 0.8
}

/** Faithfulness by size, beside that of random circuits. */
internal object FaithfulnessStory : ResultStory {
    override val kind = ResultKind.CircuitFaithfulness

    override fun title(grid: ResultGrid): String = "faithfulness of circuits, by number of edges"

    override fun figure(grid: ResultGrid): FigureKind = FigureKind.Lines

    override fun findings(grid: ResultGrid): List<String> {
        val sizes = grid.axes.first().labels
        val column = grid.cells / sizes.size
        val all = sizes.mapIndexed { i, size -> "$size: ${number(grid.mean(i * column))}" }
        return listOf("Faithfulness by number of edges: ${all.joinToString("; ")}.")
    }
}
