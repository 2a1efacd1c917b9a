package dev.kausal.reports

import dev.kausal.reports.figure.draw
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.CircuitStory
import dev.kausal.reports.stories.EdgesStory
import dev.kausal.reports.stories.FaithfulnessStory
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CircuitRecord
import dev.kausal.spec.CircuitSpec
import dev.kausal.spec.EdgeEffect
import dev.kausal.spec.EdgeSummary
import dev.kausal.spec.EdgeTotal
import dev.kausal.spec.EdgesSpec
import dev.kausal.spec.EstimateSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.ResultKind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import org.jsoup.Jsoup

/** What a report says of edges and circuits, and when it does not. */
class CircuitStoryTest :
    FunSpec({
        test("the smallest circuit that is faithful enough is named, and all edges never are") {
            val headline = CircuitStory.headline(circuit(listOf(0.1, 0.85, 1.0)))
            headline shouldBe
                "The smallest measured circuit with a faithfulness of at least 0.8 has 50 edges (50.0 %): 0.850."
            CircuitStory.headline(circuit(listOf(0.1, 0.4, 1.0))) shouldBe
                "No circuit of fewer than all edges reaches a faithfulness of 0.8; the highest is 0.400, with 50 edges (50.0 %)."
        }

        test("areas and random circuits are told if there are any") {
            val plain = circuit(listOf(0.1, 0.85, 1.0))
            CircuitStory.headline(plain) shouldNotContain "CPR"
            CircuitStory.headline(plain) shouldNotContain "random"
            val random = listOf(listOf(0.0, 0.2), listOf(0.1, 0.9), emptyList())
            val all = plain.with(plain.result.copy(cpr = 0.7, cmd = 0.2, circuit = record().copy(random = random)))
            CircuitStory.headline(all) shouldContain "CPR 0.700 (higher is better), CMD 0.200 (0 is best)."
            CircuitStory.headline(all) shouldContain
                "At 0 of 2 sizes, the circuit is more faithful than every random one."
        }

        test("edges that lie on no path are counted, in the half with fewer") {
            CircuitStory.findings(circuit(listOf(0.1, 0.85, 1.0))).size shouldBe 1
            val loose =
                circuit(listOf(0.1, 0.85, 1.0), record(connected = listOf(listOf(10, 50, 100), listOf(10, 1, 100))))
            CircuitStory.findings(loose).last() shouldBe
                "Of 50 edges, 1 (in the half with fewer) lies on a path from the embedding to the logits; the others have no effect."
        }

        test("faithfulness by size names the first size that is enough, or the highest below all edges") {
            FaithfulnessStory.findings(faithfulness(listOf(0.1, 0.85, 1.0))).single() shouldBe
                "Faithfulness first reaches 0.8 with 50 edges: 0.850."
            FaithfulnessStory.findings(faithfulness(listOf(0.1, 0.4, 1.0))).single() shouldBe
                "The highest faithfulness is 0.400, with 50 edges."
        }

        test("the curve of faithfulness marks both runs") {
            val drawing = draw(FigureKind.Lines, faithfulness(listOf(0.1, 0.85, 1.0)), "f", "")
            drawing.reading shouldContain "Dashed: 0, the corrupted run, and 1, the clean run."
            Jsoup.parse("${drawing.content}").select("[stroke-dasharray]").size shouldBe 2
        }

        test("edges say whether they are estimated, and nothing is largest where nothing changes") {
            val effects = listOf(EdgeEffect("L2H0 -> logits", -3.0), EdgeEffect("embed -> L0.q1", 1e-9))
            EdgesStory.headline(edges(effects, null)) shouldBe
                "Largest effects of 9 edges on the logit difference: L2H0 -> logits \u22123.000."
            EdgesStory.headline(edges(effects, EstimateSpec.Gradient())) shouldContain
                "Largest estimated effects of 9 edges"
            EdgesStory.headline(edges(effects.drop(1), EstimateSpec.Gradient())) shouldBe
                "No estimated effect of 9 edges on the logit difference exceeds float32 rounding."
        }
    })

private fun record(connected: List<List<Int>> = listOf(listOf(10, 50, 100))) =
    CircuitRecord(100, listOf(10, 50, 100), connected, listOf(emptyList()))

private fun grid(
    kind: ResultKind,
    axis: AxisSpec,
    values: List<Double>,
): ResultGrid {
    val analyses =
        listOf(
            EdgesSpec("edges", "landmarks", 1, MetricSpec.LogitDifference, null, null, 9),
            CircuitSpec("circuit", "landmarks", 1, MetricSpec.LogitDifference, edges = "edges"),
        )
    val spec = Fixtures.spec(2, Fixtures.tokens).copy(analyses = analyses)
    val result =
        Fixtures.ablation(2).copy(
            name = if (kind == ResultKind.Edges) "edges" else "circuit",
            kind = kind,
            metric = "logitDifference",
            axes = listOf(axis),
            shape = listOf(values.size),
            perExample = List(2) { values },
            baseline = mapOf("clean" to listOf(10.0, 10.0), "corrupted" to listOf(-8.0, -8.0)),
            mean = values,
            change = null,
            rounding = null,
        )
    return ResultGrid(result, spec)
}

private fun circuit(
    faithfulness: List<Double>,
    record: CircuitRecord = record(),
): ResultGrid {
    val grid = grid(ResultKind.Circuit, AxisSpec("size", listOf("10", "50", "100")), faithfulness.map { it * 10 })
    return grid.with(grid.result.copy(faithfulness = faithfulness, circuit = record))
}

private fun faithfulness(values: List<Double>): ResultGrid =
    grid(ResultKind.CircuitFaithfulness, AxisSpec("size", listOf("10", "50", "100")), values)

private fun edges(
    effects: List<EdgeEffect>,
    by: EstimateSpec?,
): ResultGrid {
    val grid = grid(ResultKind.Edges, AxisSpec("edge", effects.map { it.edge }), effects.map { it.mean })
    val totals = listOf(EdgeTotal("heads", "logits", 9, -3.0, 3.0))
    return grid.with(grid.result.copy(edges = EdgeSummary(9, effects, totals), estimate = by))
}
