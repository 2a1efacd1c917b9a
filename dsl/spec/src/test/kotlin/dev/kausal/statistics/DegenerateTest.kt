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

        "fewer than six clusters have no interval and no test, and shares of two have an interval" {
            val few = Sample(List(5) { listOf(it.toDouble(), 1.0) })
            val found = Studentised.of(Ratio(few), Draws.of(5, 99, 0), 0.95)
            found.intervals shouldBe listOf(null, null)
            found.single shouldBe listOf(null, null)
            found.familyWise shouldBe listOf(null, null)
            // The lower end for n of n is the n-th root of 0.025.
            Shares.interval(few, 1, 0.95)!!.low shouldBe Math.pow(0.025, 0.2).plusOrMinus(1e-9)
        }

        "what never varies is as far from 0 as can be, zeros are not, and neither hides what lies in other cells" {
            val sample = Sample(List(12) { listOf(1.0, 0.0, if (it == 0) 1.0 else 0.0, 5.0 + it % 3) })
            val found = Studentised.of(Ratio(sample), Draws.of(12, 999, 1), 0.95)
            found.intervals[0] shouldBe Interval(1.0, 1.0)
            found.familyWise[0]!! shouldBe (2.0 / 1000).plusOrMinus(1e-12)
            found.familyWise[1] shouldBe 1.0
            found.familyWise[3]!! shouldBe (2.0 / 1000).plusOrMinus(1e-12)
        }

        "what rounding of float32 changes moves no end by more and no p at all" {
            val values = listOf(0.32, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)
            val exact = Sample(values.map { listOf(it) })
            val rounded = Sample(values.mapIndexed { i, value -> listOf(value + 1e-7 * (i % 3 - 1)) })
            val draws = Draws.of(7, 999, 3)
            val a = Studentised.of(Ratio(exact), draws, 0.95)
            val b = Studentised.of(Ratio(rounded), draws, 0.95)
            b.intervals[0]!!.low shouldBe a.intervals[0]!!.low.plusOrMinus(1e-5)
            b.intervals[0]!!.high shouldBe a.intervals[0]!!.high.plusOrMinus(1e-5)
            b.single shouldBe a.single
            SignFlips.test(rounded, 99, 0).single shouldBe SignFlips.test(exact, 99, 0).single
        }

        "of clusters that are one example the error of a ratio of counts is that of the mean" {
            val sample = Sample(List(9) { listOf(it * it.toDouble()) })
            Ratio(sample).standardError(0)!! shouldBe sample.standardError(0)!!.plusOrMinus(1e-12)
        }

        "examples that share a corrupted subject make the error larger, others leave it" {
            val values = List(24) { listOf(if (it / 4 % 2 == 0) 1.0 else -1.0) }
            val ratio = Ratio(Sample(values))
            val shared = Dependence(List(24) { setOf("clean $it", "corrupted ${it / 4}") })
            shared.independent shouldBe 6.0.plusOrMinus(1e-12)
            // Six groups of four alike: an error of sqrt(6/5)/sqrt(6), beside one of sqrt(24/23)/sqrt(24).
            shared.widening(ratio, 0) shouldBe kotlin.math.sqrt(23.0 / 5).plusOrMinus(1e-9)
            Dependence(List(24) { setOf("clean $it") }).widening(ratio, 0) shouldBe 1.0.plusOrMinus(0.03)
        }

        "the standard error of clusters is that of their means where they are equally large" {
            val values = listOf(1.0, 3.0, 2.0, 6.0, 5.0, 7.0).map { listOf<Double?>(it) }
            // Means 2, 4, 6: a standard deviation of 2 over the root of 3.
            val expected = 2.0 / kotlin.math.sqrt(3.0)
            Sample(values, listOf(0, 0, 1, 1, 2, 2)).standardError(0)!! shouldBe expected.plusOrMinus(1e-12)
        }

        "a small scale is never divided by" {
            Ratios.usable(listOf(5.0, 6.0, 0.1, 0.0, null, -5.0)) shouldBe
                listOf(true, true, false, false, false, false)
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
