package dev.kausal.statistics

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.random.Random

/** The exact distribution of overlaps, by hand and against draws. */
class TopOverlapTest :
    FunSpec({
        test("one stratum is hypergeometric") {
            // 2 of 4 in both sets: C(2,k) C(2,2-k) / C(4,2) = 1/6, 4/6, 1/6.
            val chance = TopOverlap.of(setOf(0, 1), setOf(1, 2), listOf(4)) { 0 }
            chance.expected shouldBe (1.0 plusOrMinus 1e-12)
            chance.atLeast(0) shouldBe (1.0 plusOrMinus 1e-12)
            chance.atLeast(1) shouldBe (5.0 / 6 plusOrMinus 1e-12)
            chance.atLeast(2) shouldBe (1.0 / 6 plusOrMinus 1e-12)
            chance.atLeast(3) shouldBe 0.0
            chance.exceededBy(0.05) shouldBe 2
            chance.exceededBy(0.2) shouldBe 1
        }

        test("sets of different strata have nothing in common, sets of one stratum nothing by layer alone") {
            val apart = TopOverlap.of(setOf(0, 1), setOf(4, 5), listOf(4, 4)) { it / 4 }
            apart.expected shouldBe 0.0
            apart.exceededBy(0.05) shouldBe 0
            val full = TopOverlap.of(setOf(0, 1), setOf(0, 1), listOf(2, 2)) { it / 2 }
            full.expected shouldBe (2.0 plusOrMinus 1e-12)
            full.atLeast(2) shouldBe (1.0 plusOrMinus 1e-12)
        }

        test("it is that of sets shuffled within strata") {
            val a = setOf(0, 1, 5, 9, 10)
            val b = setOf(0, 2, 3, 5, 6, 11)
            val chance = TopOverlap.of(a, b, listOf(4, 4, 4)) { it / 4 }
            val random = Random(3)
            val draws = 40_000
            val counts = List(draws) {
                b.groupBy { it / 4 }.flatMap { (layer, own) ->
                    List(4) { layer * 4 + it }.shuffled(random).take(own.size)
                }.count {
                    it in
                        a
                }
            }
            chance.expected shouldBe (counts.average() plusOrMinus 0.03)
            for (least in 1..5) {
                chance.atLeast(least) shouldBe (counts.count { it >= least } / draws.toDouble() plusOrMinus 0.01)
            }
        }
    })
