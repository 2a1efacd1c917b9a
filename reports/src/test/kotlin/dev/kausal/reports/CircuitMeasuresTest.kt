package dev.kausal.reports

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.CircuitStory
import dev.kausal.reports.stories.CompletenessStory
import dev.kausal.reports.stories.FaithfulnessStory
import dev.kausal.reports.stories.MinimalityStory
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CircuitPart
import dev.kausal.spec.CircuitRecord
import dev.kausal.spec.CircuitSpec
import dev.kausal.spec.ExampleRatios
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.MinimalityRecord
import dev.kausal.spec.MinimalitySpec
import dev.kausal.spec.ResultKind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldNotContain

/** What a report says of completeness, minimality and edges whose sign does not hold, and when. */
class CircuitMeasuresTest :
    FunSpec({
        test("a faithful circuit is complete only if little is left without it, in either direction") {
            CompletenessStory.findings(completeness(0.9 to 0.95)).single() shouldBe
                "Without the 10 edges of the smallest circuit with a faithfulness of at least 0.8 (0.950), the " +
                "model has a " +
                "faithfulness of 0.100: completeness 0.900; little is left of the difference between clean and " +
                "corrupted runs."
            val backed = CompletenessStory.findings(completeness(0.1 to 0.95)).single()
            backed shouldEndWith "completeness 0.100; the circuit is faithful, but not complete, as edges outside " +
                "of it still " +
                "move the metric."
            CompletenessStory.findings(completeness(1.4 to 0.95)).single() shouldContain "not complete"
        }

        test("without a faithful circuit, the most faithful one is told") {
            val told = CompletenessStory.findings(completeness(0.1 to 0.3, 0.2 to 0.5)).single()
            told shouldContain "Without the 20 edges of the most faithful circuit (0.500)"
            told shouldEndWith "completeness 0.200; edges outside of it still move the metric."
        }

        test("random circuits and single examples are told if there are any") {
            val grid = completeness(0.9 to 0.95, random = listOf(0.2))
            CompletenessStory.findings(grid)[1] shouldBe
                "Completeness of random circuits of as many edges: 0.200 on average."
            val all = ExampleRatios(2, listOf(0.93, 0.9), listOf(0.8, 0.7), listOf(0.97, 0.99))
            FaithfulnessStory.findings(faithfulness(all)).last() shouldBe
                "The mean of the examples' own ratios there is 0.930 (0.800 to 0.970)."
            val one = ExampleRatios(1, listOf(0.93, 0.9))
            FaithfulnessStory.findings(faithfulness(one)).last() shouldBe
                "The mean of the examples' own ratios there is 0.930; 1 example is not divided, as clean and " +
                "corrupted runs " +
                "hardly differ or in the other direction."
            FaithfulnessStory.findings(faithfulness(null)).size shouldBe 1
        }

        test("each kind of edge of a circuit has its sentence, and no other has") {
            val plain = minimality(listOf("a", "b"), emptyList(), emptyList(), emptyList())
            MinimalityStory.findings(plain) shouldContainExactly
                listOf(
                    "Of the 2 edges of the circuit (2 edges, faithfulness 0.900), 2 are needed: without any of them, " +
                        "faithfulness falls by more than 0.010.",
                )
            val all = minimality(listOf("a"), listOf("b"), listOf("c"), listOf("d"), intervals = true)
            MinimalityStory.findings(all) shouldContainExactly
                listOf(
                    "Of the 4 edges of the circuit (2 edges, faithfulness 0.900), 1 is needed: without it, " +
                        "faithfulness falls " +
                        "by more than 0.010, by intervals for each on its own.",
                    "Not needed, alone: b. What another part can stand in for counts as not needed.",
                    "Without c, faithfulness rises by more than 0.010.",
                    "1 edge is undecided: its interval reaches across that margin.",
                )
            val many = minimality(emptyList(), (1..13).map { "e$it" }, emptyList(), emptyList())
            MinimalityStory.findings(many)[1] shouldContain "e9, e10 and 3 more."
            MinimalityStory.title(many) shouldBe "change of faithfulness without each edge of the circuit of 2 edges"
        }

        test("edges that are not ranked are counted, and larger circuits named") {
            val plain = CircuitRecord(100, listOf(10, 50), listOf(listOf(10, 50)), listOf(emptyList()))
            CircuitStory.findings(circuit(plain)).joinToString() shouldNotContain "left out"
            CircuitStory.findings(circuit(plain.copy(leftOut = listOf(30)))).last() shouldBe
                "Of 100 edges, 30 were left out of the ranking, as the sign of their effect does not hold."
            CircuitStory.findings(circuit(plain.copy(leftOut = listOf(60, 1)))).last() shouldBe
                "Of 100 edges, 60 (in the half with more) were left out of the ranking, as the sign of their " +
                "effect does not " +
                "hold. Circuits of more than the other 40 have these alone."
        }

        test("the method names what was measured, and nothing else") {
            val plain = SPEC
            CircuitStory.method(plain) shouldNotContain "ompleteness"
            CircuitStory.method(plain.copy(completeness = true)) shouldEndWith
                "Completeness is 1 minus the faithfulness of the model without the circuit's edges (Wang et al. 2023)."
            CircuitStory.method(plain.copy(minimality = MinimalitySpec(9, CircuitPart.Edge, 9))) shouldEndWith
                "From the circuit of 9 edges, each edge is taken out alone."
            CircuitStory.method(plain.copy(minimality = MinimalitySpec(900, CircuitPart.Writer, 99))) shouldEndWith
                "From the circuit of 900 edges, each writer, with all of its edges, is taken out alone."
            CircuitStory.method(plain.copy(consistent = 0.95)) shouldContain "keeps its sign in at least 95.0 %"
            CircuitStory.method(plain.copy(edges = null, kept = listOf("a"), completeness = true)) shouldContain "Wang"
        }
    })

private val SPEC =
    CircuitSpec("circuit", "landmarks", 1, MetricSpec.LogitDifference, edges = "edges", sizes = listOf(10, 20))

private fun grid(
    part: String,
    kind: ResultKind,
    axes: List<AxisSpec>,
    values: List<Double>,
): ResultGrid {
    val spec = Fixtures.spec(2, Fixtures.tokens).copy(analyses = listOf(SPEC))
    val result =
        Fixtures.ablation(2).copy(
            name = "circuit$part",
            kind = kind,
            metric = "logitDifference",
            axes = axes,
            shape = axes.map { it.labels.size },
            perExample = List(2) { values },
            examples = listOf("one", "two"),
            mean = values,
            ciLow = emptyList(),
            ciHigh = emptyList(),
            baseline = emptyMap(),
            change = null,
            rounding = null,
        )
    return ResultGrid(result, spec)
}

/** Completeness and faithfulness by size. */
private fun completeness(
    vararg sizes: Pair<Double, Double>,
    random: List<Double> = emptyList(),
): ResultGrid {
    val axes =
        listOf(
            AxisSpec("size", sizes.indices.map { "${10 * (it + 1)}" }),
            AxisSpec("measure", listOf("completeness", "faithfulness", "completeness of random").take(2 + random.size)),
        )
    val values = sizes.flatMap { listOf(it.first, it.second) + random }
    return grid(".completeness", ResultKind.CircuitCompleteness, axes, values)
}

private fun faithfulness(ratios: ExampleRatios?): ResultGrid {
    val axes = listOf(AxisSpec("size", listOf("10", "20")))
    val grid = grid(".faithfulness", ResultKind.CircuitFaithfulness, axes, listOf(0.9, 0.95))
    return grid.with(grid.result.copy(ratios = ratios))
}

private fun minimality(
    needed: List<String>,
    unneeded: List<String>,
    opposing: List<String>,
    undecided: List<String>,
    intervals: Boolean = false,
): ResultGrid {
    val parts = needed + unneeded + opposing + undecided
    val values = parts.map { -0.1 }
    val grid = grid(".minimality", ResultKind.CircuitMinimality, listOf(AxisSpec("edge", parts)), values)
    val record = MinimalityRecord(2, CircuitPart.Edge, 0.9, 0.01, needed, unneeded, opposing, undecided)
    return grid.with(grid.result.copy(minimality = record, ciLow = if (intervals) values else emptyList()))
}

private fun circuit(record: CircuitRecord): ResultGrid {
    val axes = listOf(AxisSpec("size", record.sizes.map { "$it" }))
    val grid = grid("", ResultKind.Circuit, axes, listOf(1.0, 2.0))
    return grid.with(grid.result.copy(faithfulness = listOf(0.5, 0.9), circuit = record))
}
