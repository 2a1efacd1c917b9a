package dev.kausal.reports

import dev.kausal.reports.figure.screeningFigure
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.EstimatedEffects
import dev.kausal.reports.stories.ScreeningAgreement
import dev.kausal.reports.stories.SweepStory
import dev.kausal.reports.stories.TooFewToTest
import dev.kausal.reports.stories.conclusions
import dev.kausal.reports.stories.estimateMethod
import dev.kausal.spec.Agreement
import dev.kausal.spec.BackwardRules
import dev.kausal.spec.EstimateSpec
import dev.kausal.spec.Flow
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.Missed
import dev.kausal.spec.RunSpec
import dev.kausal.spec.Screening
import dev.kausal.spec.ScreeningSpec
import dev.kausal.spec.SweepSpec
import dev.kausal.spec.ValueSpec
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith

/** What a report says of estimated sweeps. */
class EstimateStoryTest :
    FunSpec({
        val effects = listOf(-4.0, 0.5, 0.0, 1.0, -0.2, 0.1, 0.0, 2.0)

        test("an estimate says that it is one, and claims no effect") {
            val grid = estimated(effects)
            val headline = SweepStory.headline(grid)
            headline shouldStartWith "Estimated by gradients, not computed"
            headline shouldContain "\u22124.000 at"
            headline shouldNotContain "p <"
            headline shouldNotContain "shown"
            SweepStory.findings(grid).single() shouldStartWith "Estimated by gradients"
            TooFewToTest.of(grid).shouldBeNull()
            ScreeningAgreement.of(grid).shouldBeNull()
            screeningFigure(grid, "").shouldBeNull()
        }

        test("an exact sweep is no estimate") {
            EstimatedEffects.of(StoryFixtures.heads(effects)).shouldBeNull()
        }

        test("a screened estimate tells exact numbers, agreement and the bound") {
            val grid = estimated(effects).let { it.with(it.result.copy(exact = emptyList(), screening = screening())) }
            val headline = SweepStory.headline(grid)
            headline shouldContain "4 cells of 8 computed exactly"
            headline shouldContain "\u22123.500 at"
            headline shouldContain "(estimate \u22124.000)"
            val said = SweepStory.findings(grid).single()
            said shouldContain "Among 2 cells drawn at random from the other 6"
            said shouldContain "1 of 2 signs agree"
            said shouldContain
                "None of 2 random cells exceeds 1.800, the smallest exact change (in size) among the 2 largest " +
                "estimates: at most 77.6 % of the other 6 cells do (one-sided 95 % bound)."
            val drawing = screeningFigure(grid, "estimates").shouldNotBeNull()
            Regex("<title>").findAll("${drawing.content}").count() shouldBe 4
        }

        test("no bound is claimed if every other cell was computed, and an estimate of nothing is told as one") {
            val all = screening().copy(others = 2)
            val grid = estimated(effects).let { it.with(it.result.copy(exact = emptyList(), screening = all)) }
            ScreeningAgreement.of(grid) shouldContain "largest estimates; no other cells are left."
            ScreeningAgreement.of(grid) shouldNotContain "bound"
            val none = screening().copy(exact = listOf(null, null, null, null))
            EstimatedEffects.of(grid.with(grid.result.copy(screening = none))) shouldContain "not computed"
            EstimatedEffects.of(estimated(List(8) { 1e-9 })) shouldContain "beyond float32 rounding"
        }

        test("recoveries that the clean run loses are told by the least that is estimated to be left") {
            val kept = listOf(1.0, 0.98, 0.2, 1.01, 0.9, 1.0, 0.7, 1.0)
            val recovery = MetricSpec.Recovery(MetricSpec.LogitDifference)
            val grid =
                StoryFixtures.heads(kept, value = ValueSpec.From(RunSpec.Corrupted), metric = recovery).let {
                    it.with(it.result.copy(mean = kept, change = null, estimate = EstimateSpec.Gradient()))
                }
            EstimatedEffects.of(grid) shouldContain "the lowest recoveries of the logit difference are 0.200 at layer 0"
            conclusions(grid).joinToString(" ") shouldNotContain "Not tested"
        }

        test("the method names the gradient, the rules and the cells that are computed") {
            val sweep = SweepSpec("s", "set", 1, MetricSpec.LogitDifference, emptyList(), emptyList())
            estimateMethod(sweep) shouldBe ""
            val rules = BackwardRules(norms = Flow.Frozen)
            val by = sweep.copy(by = EstimateSpec.IntegratedGradients(5, rules), exact = ScreeningSpec(20, 24))
            estimateMethod(by) shouldContain "the mean gradient there at 5 points"
            estimateMethod(by) shouldContain "In the backward pass, divisors of norms are constants."
            estimateMethod(by) shouldContain "The 20 cells with the largest estimates and 24 drawn at random"
        }
    })

private fun estimated(effects: List<Double>): ResultGrid {
    val grid = StoryFixtures.heads(effects)
    val untested = grid.result.mean.map<Double?, Double?> { null }
    val result = grid.result.copy(
        estimate = EstimateSpec.Gradient(),
        pValue = untested,
        pCorrected = untested,
        smallest = null,
    )
    return grid.with(result)
}

private fun screening() =
    Screening(
        top = listOf(0, 7),
        sampled = listOf(2, 5),
        others = 6,
        estimated = listOf(-4.0, 2.0, 0.01, 0.1),
        exact = listOf(-3.5, 1.8, -0.01, 0.2),
        ofSample = Agreement(2, null, 1, 2, 2.0),
        ofTop = Agreement(2, null, 2, 2, 0.88),
        missed = Missed(1.8, 0, 2, 0.7764, 0.95),
    )
