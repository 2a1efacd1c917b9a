package dev.kausal.reports

import dev.kausal.bundle.Bundle
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CircuitRecord
import dev.kausal.spec.CircuitSpec
import dev.kausal.spec.EdgeEffect
import dev.kausal.spec.EdgeSummary
import dev.kausal.spec.EdgesSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.FigureSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.ResultKind
import dev.kausal.spec.Results
import kotlin.math.abs
import kotlin.random.Random

/** A result of edges and one of circuits, in a model of 30 layers of 9 heads, of which three share keys and values. */
internal object GraphFixtures {
    /** From the embedding to the logits, with their effects; the last two are not part of that path. */
    val effects: Map<String, Double> =
        mapOf(
            "L2H0 -> logits" to -4.0,
            "L1H2 -> L2.q0" to -3.0,
            "L0H1 -> L1.v0" to -2.5,
            "embed -> L0.q1" to -2.0,
            "L1H3 -> logits" to 1.0,
            "embed -> L1.k1" to -0.5,
        )

    /** Returns [number] different edges with effects, drawn at random; all of them lead from lower to higher places. */
    fun many(number: Int): Map<String, Double> {
        val random = Random(3)
        val drawn = LinkedHashMap<String, Double>()
        while (drawn.size < number) {
            val from = random.nextInt(28)
            val to = from + 1 + random.nextInt(minOf(8, 29 - from))
            val writer = if (random.nextInt(3) == 0) "L$from mlp" else "L${from}H${random.nextInt(9)}"
            val reader =
                when (random.nextInt(4)) {
                    0 -> "L$to mlp"
                    1 -> "L$to.v${random.nextInt(3)}"
                    2 -> "L$to.q${random.nextInt(9)}"
                    else -> "logits"
                }
            drawn["$writer -> $reader"] = random.nextDouble(-2.0, 1.0)
        }
        return drawn
    }

    /**
     * @param ranked orders in which circuits keep edges
     * @param sizes sizes of circuits, and their [faithfulness]
     */
    fun bundle(
        effects: Map<String, Double> = this.effects,
        ranked: List<List<String>> = listOf(effects.keys.toList()),
        sizes: List<Int> = listOf(1, 4, 6),
        faithfulness: List<Double> = listOf(0.1, 0.9, 1.0),
        total: Int = 479,
    ): Bundle {
        val base = Fixtures.bundle(2)
        val analyses =
            listOf(
                EdgesSpec("edges", "landmarks", 1, MetricSpec.LogitDifference, count = total),
                CircuitSpec("circuit", "landmarks", 1, MetricSpec.LogitDifference, "edges", sizes = sizes),
            )
        val figures = listOf(FigureSpec(FigureKind.Graph, "circuit"), FigureSpec(FigureKind.Graph, "edges"))
        val circuit =
            result("circuit", ResultKind.Circuit, AxisSpec("size", sizes.map { "$it" }), faithfulness.map { it * 10 })
                .copy(
                    faithfulness = faithfulness,
                    circuit = CircuitRecord(total, sizes, List(ranked.size) { sizes }, ranked),
                )
        return base.copy(
            spec = base.spec.copy(analyses = analyses, figures = figures),
            results = Results(results = listOf(edges(effects, total), circuit)),
        )
    }

    private fun edges(
        effects: Map<String, Double>,
        total: Int,
    ) = result("edges", ResultKind.Edges, AxisSpec("edge", effects.keys.toList()), effects.values.toList()).copy(
        edges =
            EdgeSummary(
                total,
                effects.map { (edge, mean) -> EdgeEffect(edge, mean, mean - 0.1, mean + 0.1, 1.0) }
                    .sortedByDescending { abs(it.mean) }.take(2),
                emptyList(),
            ),
    )

    private fun result(
        name: String,
        kind: ResultKind,
        axis: AxisSpec,
        values: List<Double>,
    ) = Fixtures.ablation(2).copy(
        name = name,
        kind = kind,
        metric = "logitDifference",
        axes = listOf(axis),
        shape = listOf(values.size),
        perExample = List(2) { values },
        baseline = mapOf("clean" to listOf(10.0, 10.0), "corrupted" to listOf(-8.0, -8.0)),
        mean = values,
        ciLow = emptyList(),
        ciHigh = emptyList(),
        pValue = emptyList(),
        pCorrected = emptyList(),
        change = null,
        rounding = null,
    )
}
