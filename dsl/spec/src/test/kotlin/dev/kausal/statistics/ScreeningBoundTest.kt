package dev.kausal.statistics

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.ints.shouldBeGreaterThanOrEqual
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe
import java.util.Random
import kotlin.math.pow

/** The bound on what a screen misses, against exhaustive knowledge. */
class ScreeningBoundTest :
    FunSpec({
        test("with none above, the bound is that of the rule of three, exactly") {
            listOf(1, 10, 24, 59).forEach { n ->
                Shares.atMost(0, n, 0.95) shouldBe (1 - 0.05.pow(1.0 / n) plusOrMinus 1e-9)
            }
            Shares.atMost(3, 3, 0.95) shouldBe 1.0
        }

        test("a stratified sample has each stratum's share, and the same seed the same sample") {
            val items = (0 until 300).toList()
            val drawn = StratifiedSample.of(items, 30, 7) { it % 10 }
            drawn.size shouldBe 30
            drawn.distinct().size shouldBe 30
            drawn.groupingBy { it % 10 }.eachCount().values.forEach { it shouldBeInRange 2..4 }
            StratifiedSample.of(items, 30, 7) { it % 10 } shouldContainExactly drawn
            StratifiedSample.of(items, 400, 7) { it } shouldContainExactly items
            StratifiedSample.of(items, 0, 7) { it } shouldContainExactly emptyList()
        }

        test("the bound holds in at least 95 % of draws, whatever share is above and however strata differ") {
            val truth = Random(1)
            listOf(0.01, 0.05, 0.12, 0.3).forEach { share ->
                listOf(false, true).forEach { uneven ->
                    val above = List(270) { cell ->
                        val own = if (uneven) 2 * share * (cell % 30) / 29.0 else share
                        truth.nextDouble() < own
                    }
                    val real = above.count { it } / above.size.toDouble()
                    val held = (0L until 1000).count { seed ->
                        val drawn = StratifiedSample.of(above.indices.toList(), 24, seed) { it % 30 }
                        real <= Shares.atMost(drawn.count { above[it] }, 24, 0.95)
                    }
                    held shouldBeGreaterThanOrEqual 935
                }
            }
        }

        test("each cell is as likely to be drawn") {
            val counts = IntArray(50)
            (0L until 4000).forEach { seed ->
                StratifiedSample.of((0 until 50).toList(), 10, seed) { it / 7 }.forEach { counts[it]++ }
            }
            counts.forEach { it shouldBeInRange 700..900 }
        }
    })
