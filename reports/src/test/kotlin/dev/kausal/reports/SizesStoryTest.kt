package dev.kausal.reports

import dev.kausal.bundle.Bundle
import dev.kausal.reports.figure.heatmap
import dev.kausal.reports.figure.screeningFigure
import dev.kausal.reports.figure.tickText
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.withExact
import dev.kausal.reports.stories.EdgesStory
import dev.kausal.reports.stories.EstimatedEffects
import dev.kausal.reports.stories.ScreeningAgreement
import dev.kausal.reports.stories.SweepStory
import dev.kausal.reports.stories.estimateMethod
import dev.kausal.spec.Agreement
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.BackwardRules
import dev.kausal.spec.EdgeEffect
import dev.kausal.spec.EdgeSummary
import dev.kausal.spec.EdgesSpec
import dev.kausal.spec.EstimateSpec
import dev.kausal.spec.Measure
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.Missed
import dev.kausal.spec.NoiseFloor
import dev.kausal.spec.ResultKind
import dev.kausal.spec.Results
import dev.kausal.spec.Screening
import dev.kausal.spec.Softmax
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.Writes
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldNotContain

/** What a report says of sizes without a sign, of thresholds of screened sweeps, and of exact cells among estimates. */
class SizesStoryTest :
    FunSpec({
        val effects = listOf(4.0, 0.5, 0.0, 1.0, 0.2, 0.1, 0.0, 2.0)

        test("sizes are told as such, without signs, and have no axis with changes") {
            val grid = sizes(effects)
            EstimatedEffects.of(grid) shouldBe
                "Estimated by gradients, not computed, as sizes without a sign, which rank cells but are no " +
                "changes: the largest of " +
                "the logit difference are 4.000 at layer 0, head 0, 2.000 at layer 1, head 3 and 1.000 at layer 0, " +
                "head 3."
            EstimatedEffects.of(sizes(List(8) { 1e-9 })) shouldContain "beyond float32 rounding"
            grid.centre shouldBe 0.0
            SweepStory.title(grid) shouldContain "size of change of logit difference"
            val screened = grid.with(grid.result.copy(exact = emptyList(), screening = screening(1.8)))
            EstimatedEffects.of(screened) shouldContain "(estimate 4.000, without a sign)"
            screeningFigure(screened, "").shouldBeNull()
            estimateMethod(grid.analysis as SweepSpec) shouldContain "sizes without a sign, means over passes"
            estimateMethod(grid.analysis) shouldEndWith
                "In the backward pass, nothing flows through what the attention and the MLP of one layer add to " +
                "the stream, layer by " +
                "layer."
        }

        test("a threshold has digits, a share of the largest change if it is small, or is rounding") {
            fun said(smallest: Double): String {
                val grid = StoryFixtures.heads(effects)
                val rounding = NoiseFloor(1e-4, 0.0, 1, 10.0, 100)
                val estimate = grid.result.copy(
                    estimate = EstimateSpec.Gradient(),
                    exact = emptyList(),
                    screening = screening(smallest),
                    rounding = rounding,
                )
                return ScreeningAgreement.of(grid.with(estimate))!!
            }
            said(1.8) shouldContain "exceeds 1.800, the smallest exact change (in size) among the 2 largest " +
                "estimates: at most"
            said(0.035) shouldContain "exceeds 0.035, the smallest exact change (in size) among the 2 largest " +
                "estimates, 1.00 % of the largest: "
            said(0.0) shouldContain
                "exceeds float32 rounding (1.0e\u221204), as the smallest exact change among the 2 largest " +
                "estimates does not either: "
        }

        test("a page shows exact values where cells were computed, outlined, and estimates elsewhere") {
            val grid = StoryFixtures.heads(effects)
            val rows = List(2) { listOf(13.5, null, 9.99, null, null, 10.2, null, 11.8) }
            val by = EstimateSpec.Gradient()
            val estimate = grid.result.copy(estimate = by, exact = rows, screening = screening(1.8))
            val spec = Fixtures.spec(2, Fixtures.tokens).copy(analyses = listOf(grid.analysis!!))
            val bundle = Bundle(spec, Results(results = listOf(estimate)), Fixtures.environment(), "")
            val shown = withExact(bundle).results.results.single()
            shown.mean shouldContainExactly listOf(13.5, 10.5, 9.99, 11.0, 10.2, 10.2, 10.0, 11.8)
            shown.perExample.first()[7] shouldBe 11.8
            shown.change!!.mean shouldContainExactly listOf(3.5, 0.5, -0.01, 1.0, 0.2, 0.2, 0.0, 1.8)
            shown.change!!.ciLow[0].shouldBeNull()
            shown.notes.last() shouldBe "The page shows exact values of the 4 cells that were computed, and " +
                "estimates of the others."
            val drawing = heatmap(ResultGrid(shown, spec), "p", "")
            Regex("stroke-width=\"1.5\"").findAll("${drawing.content}").count() shouldBe 4
            drawing.reading shouldContain "Outlined cells were computed exactly; the others are estimates."
            heatmap(grid, "p", "").reading shouldNotContain "Outlined"
            val plain = Results(results = listOf(grid.result))
            withExact(bundle.copy(results = plain)).results shouldBe plain
        }

        test("edges of sizes have no signs, and the method says what goes through the softmax") {
            val rules = BackwardRules(softmax = Softmax.Recomputed, writes = Writes.Dropped)
            val by = EstimateSpec.Gradient(rules)
            val spec = EdgesSpec("edges", "landmarks", 1, MetricSpec.LogitDifference, by, null, 9)
            EdgesStory.method(spec) shouldEndWith
                "in the clean run; for queries and keys, the change of the attention pattern through norm and " +
                "softmax times the " +
                "gradient there; sizes without a sign, means over passes in which nothing flows through what one " +
                "layer writes."
            EdgesStory.method(spec.copy(by = EstimateSpec.Gradient())) shouldEndWith "in the clean run."
            val axis = AxisSpec("edge", listOf("L2H0 -> logits"))
            val result =
                Fixtures.ablation(2).copy(
                    name = "edges",
                    kind = ResultKind.Edges,
                    metric = "size of change of logitDifference",
                    axes = listOf(axis),
                    shape = listOf(1),
                    perExample = List(2) { listOf(3.0) },
                    mean = listOf(3.0),
                    change = null,
                    edges = EdgeSummary(9, listOf(EdgeEffect("L2H0 -> logits", 3.0)), emptyList()),
                    estimate = spec.by,
                )
            val grid = ResultGrid(result, Fixtures.spec(2, Fixtures.tokens).copy(analyses = listOf(spec)))
            EdgesStory.headline(grid) shouldBe
                "Largest estimated effects of 9 edges on the logit difference, as sizes without a sign: L2H0 -> " +
                "logits 3.000."
        }

        test("ticks have the decimals that they need") {
            listOf(0.0, 0.5, 0.25, 3 * 0.1, -2.0).map(::tickText) shouldContainExactly
                listOf("0", "0.5", "0.25", "0.3", "\u22122")
        }
    })

private fun sizes(values: List<Double>): ResultGrid {
    val grid = StoryFixtures.heads(values)
    val by = EstimateSpec.Gradient(BackwardRules(writes = Writes.Dropped), 2)
    val sweep = (grid.analysis as SweepSpec).copy(by = by)
    val spec = Fixtures.spec(2, Fixtures.tokens).copy(analyses = listOf(sweep))
    val result =
        grid.result.copy(
            metric = Measure.SizeOf(MetricSpec.LogitDifference).text,
            perExample = List(2) { values },
            mean = values,
            change = null,
            estimate = by,
            pValue = values.map { null },
            pCorrected = values.map { null },
        )
    return ResultGrid(result, spec)
}

/** Two largest cells, of which the second changes by [smallest], and two random ones. */
private fun screening(smallest: Double) =
    Screening(
        top = listOf(0, 7),
        sampled = listOf(2, 5),
        others = 6,
        estimated = listOf(4.0, 2.0, 0.01, 0.1),
        exact = listOf(3.5, smallest, -0.01, 0.2),
        ofSample = Agreement(2),
        ofTop = Agreement(2),
        missed = Missed(maxOf(smallest, 1e-4), 0, 2, 0.7764, 0.95),
    )
