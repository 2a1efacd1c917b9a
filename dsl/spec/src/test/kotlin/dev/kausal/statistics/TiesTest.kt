package dev.kausal.statistics

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

class TiesTest :
    FunSpec({
        test("scores within the floor of the highest of their group have the lowest of the group") {
            Ties.grouped(listOf(1.0, 3.0, 2.95, 1.05, 0.96, 0.0), 0.1) shouldBe
                listOf(0.96, 2.95, 2.95, 0.96, 0.96, 0.0)
        }

        test("a chain of small differences is not one group") {
            Ties.grouped(List(10) { it * 0.75 }, 1.0).distinct().size shouldBe 5
        }

        test("without a floor, only equal scores are") {
            val scores = listOf(0.5, 0.5, 0.5 + 1e-15, 0.0)
            Ties.grouped(scores, 0.0) shouldBe scores
        }
    })
