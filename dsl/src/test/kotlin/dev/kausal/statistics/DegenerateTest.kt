package dev.kausal.statistics

import io.kotest.core.spec.style.StringSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe

class DegenerateTest :
    StringSpec({
        fun intervals(sample: Sample) =
            Bootstrap.intervals(sample, Draws.of(sample.clusters, 50, 0), 0.95, IntervalMethod.BiasCorrected)

        "one example has a mean and nothing else" {
            val sample = Sample(listOf(listOf(2.0)))
            sample.mean(0) shouldBe 2.0
            sample.standardError(0) shouldBe null
            intervals(sample) shouldBe listOf(null)
            SignFlips.test(sample, 9, 0).single shouldBe listOf(1.0)
        }

        "rounding that leans to one side is no effect, and a small effect is no rounding" {
            val values = List(12) { listOf(10.0, 10.0) }
            val changes = Sample(List(12) { listOf(1e-6, 1e-3) })
            SignFlips.test(changes, 999, 0).familyWise[0]!! shouldBe 0.0.plusOrMinus(0.01)
            val found = SignFlips.test(Rounding.removed(changes, values), 999, 0).familyWise
            found[0] shouldBe 1.0
            found[1]!! shouldBe 0.0.plusOrMinus(0.01)
        }

        "a cell that no example has is null throughout, one that some have counts those" {
            val sample = Sample(listOf(listOf(null, 1.0), listOf(null, null), listOf(null, 3.0)))
            sample.mean(0) shouldBe null
            sample.median(0) shouldBe null
            intervals(sample)[0] shouldBe null
            SignFlips.test(sample, 9, 0).familyWise[0] shouldBe null
            sample.mean(1) shouldBe 2.0
            sample.clustersWith(1) shouldBe 2
            sample.standardError(1)!! shouldBe 1.0.plusOrMinus(1e-12)
        }

        "equal values have an interval of one point, and zeros a p of 1" {
            val sample = Sample(List(8) { listOf(1.0, 0.0) })
            intervals(sample) shouldBe listOf(Interval(1.0, 1.0), Interval(0.0, 0.0))
            val flips = SignFlips.test(sample, 9, 0)
            flips.single[0]!! shouldBe (2.0 / 256).plusOrMinus(1e-12)
            flips.single[1] shouldBe 1.0
        }

        "the standard error of clusters is that of their means where they are equally large" {
            val values = listOf(1.0, 3.0, 2.0, 6.0, 5.0, 7.0).map { listOf<Double?>(it) }
            // Means 2, 4, 6: a standard deviation of 2 over the root of 3.
            val expected = 2.0 / kotlin.math.sqrt(3.0)
            Sample(values, listOf(0, 0, 1, 1, 2, 2)).standardError(0)!! shouldBe expected.plusOrMinus(1e-12)
        }

        "a small scale is never divided by" {
            Ratios.usable(listOf(5.0, 6.0, 0.1, 0.0, null, -5.0)) shouldBe listOf(true, true, false, false, false, true)
            val changes = Sample(List(4) { listOf(1.0) })
            Ratios.ofMeans(changes, listOf(2.0, 2.2, 1.8, 2.0))[0]!! shouldBe 0.5.plusOrMinus(1e-12)
            Ratios.ofMeans(changes, listOf(2.0, -2.0, 1.0, -1.1)) shouldBe listOf(null)
            Ratios.ofMeans(changes, listOf(0.0, 0.0, 0.0, 0.0)) shouldBe listOf(null)
        }

        "a ranking of ties or of two things has no correlation" {
            RankCorrelation.of(listOf(1.0, 2.0), listOf(1.0, 2.0)) shouldBe null
            RankCorrelation.of(listOf(1.0, 1.0, 1.0), listOf(1.0, 2.0, 3.0)) shouldBe null
            RankCorrelation.of(listOf(1.0, 2.0, null, 4.0), listOf(9.0, 8.0, 1.0, 7.0))!! shouldBe
                (-1.0).plusOrMinus(1e-12)
        }
    })
