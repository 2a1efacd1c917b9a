package dev.kausal.statistics

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.random.Random

class RocTest :
    FunSpec({
        test("the area is the share of pairs of a true and another item in the right order, ties counted half") {
            val random = Random(5)
            repeat(50) {
                val truth = List(30) { it < 1 || (it > 1 && random.nextInt(3) == 0) }
                // Few distinct scores, so that many are tied.
                val scores = truth.map { (random.nextInt(6) + if (it) random.nextInt(3) else 0).toDouble() }
                val pairs =
                    truth.indices.filter { truth[it] }.flatMap { one ->
                        truth.indices.filterNot { truth[it] }.map { other ->
                            scores[one].compareTo(scores[other]).let {
                                if (it > 0) {
                                    1.0
                                } else if (it == 0) {
                                    0.5
                                } else {
                                    0.0
                                }
                            }
                        }
                    }
                Roc(scores, truth).area shouldBe (pairs.average() plusOrMinus 1e-12)
            }
        }

        test("points by hand, with one tie") {
            val roc = Roc(listOf(3.0, 1.0, 2.0, 2.0, 0.0), listOf(true, false, true, false, false))
            roc.points shouldContainExactly
                listOf(
                    Roc.Point(3.0, 1, 0.5, 0.0),
                    Roc.Point(2.0, 3, 1.0, 1.0 / 3),
                    Roc.Point(1.0, 4, 1.0, 2.0 / 3),
                    Roc.Point(0.0, 5, 1.0, 1.0),
                )
            roc.area shouldBe (0.5 / 3 + 0.5 * 0.5 / 3 + 2.0 / 3 plusOrMinus 1e-12)
            roc.truePositiveRate(0.0) shouldBe 0.5
            roc.truePositiveRate(1.0 / 6) shouldBe (0.75 plusOrMinus 1e-12)
            roc.truePositiveRate(1.0) shouldBe 1.0
        }

        test("all tied is chance, and without both kinds of items there is no curve") {
            Roc(List(7) { 0.0 }, List(7) { it == 2 }).area shouldBe 0.5
            shouldThrow<IllegalArgumentException> { Roc(listOf(1.0, 2.0), listOf(true, true)) }
            shouldThrow<IllegalArgumentException> { Roc(listOf(1.0, Double.NaN), listOf(true, false)) }
        }
    })
