package dev.kausal.reports

import dev.kausal.reports.figure.draw
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.shares
import dev.kausal.reports.stories.LargestShares
import dev.kausal.reports.stories.attributionSum
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.Correction
import dev.kausal.spec.FigureKind
import dev.kausal.spec.Grouping
import dev.kausal.spec.Inferred
import dev.kausal.spec.IntervalKind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain

/** What is said of shares of a logit difference of 6, from shares made for it. */
class AttributionStoryTest :
    FunSpec({
        fun shares(
            vararg of: Pair<String, Double>,
            total: Double = 6.0,
        ): ResultGrid {
            val result = Fixtures.attribution(2)
            return ResultGrid(
                result.copy(
                    axes = listOf(AxisSpec("component", of.map { it.first })),
                    shape = listOf(of.size),
                    perExample = List(2) { of.map { it.second } },
                    mean = of.map { it.second },
                    ciLow = emptyList(),
                    ciHigh = emptyList(),
                    baseline = mapOf("clean" to listOf(total, total)),
                ),
                Fixtures.spec(2, Fixtures.tokens),
            )
        }

        test("bars name the level of their intervals, if there are any") {
            val plain = shares("L0 mlp" to 5.0, "L0H1" to 1.0)
            val inferred =
                Inferred(0.9, IntervalKind.Studentised, 20, Grouping.Example, 4999, false, Correction.FamilyWise)
            val result = plain.result.copy(ciLow = listOf(4.0, 0.0), ciHigh = listOf(6.0, 2.0), inference = inferred)
            val bars = draw(FigureKind.Bars, ResultGrid(result, Fixtures.spec(2, Fixtures.tokens)), "f1", "x").reading
            bars shouldContain "Thin line: 90 % interval."
            draw(FigureKind.Bars, plain, "f1", "x").reading shouldNotContain "interval"
        }

        fun story(grid: ResultGrid) = LargestShares.of(grid).orEmpty()

        test("a component that writes most by itself is said to") {
            val text = story(shares("L0 mlp" to 5.0, "L0H1" to 0.6, "embed" to 0.4))
            text shouldContain "L0 mlp +5.000 alone writes 83 % of the logit difference of 6.000."
        }

        test("three shares of a fifth are not said to be most of it") {
            val rest = List(12) { "L${it}H0" to 0.4 }.toTypedArray()
            val text = story(shares("A" to 1.6, "B" to -1.4, "C" to 1.0, *rest))
            text shouldContain "Largest shares of the logit difference: A +1.600, B \u22121.400 and C +1.000"
            text shouldContain "together they write +1.200 of 6.000 (20 %)"
            text shouldNotContain "alone"
            text shouldNotContain "Most"
        }

        test("shares that others undo are not said to write it") {
            val text = story(shares("A" to 9.0, "B" to -5.0, "C" to 2.0))
            text shouldNotContain "alone writes"
            text shouldContain "A +9.000, B \u22125.000"
        }

        test("there are no percentages of a difference of nothing") {
            story(shares("A" to 1.0, "B" to -1.0, total = 0.0)) shouldNotContain "%"
        }

        test("a sum that is off is told, and rounding is not") {
            attributionSum(shares("A" to 5.0, "B" to 1.000001)) shouldContain
                "of the clean run's logit difference."
            attributionSum(shares("A" to 5.0, "B" to 1.01)) shouldContain "the shares are off by 0.010"
        }
    })
