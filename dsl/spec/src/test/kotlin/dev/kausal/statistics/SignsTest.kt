package dev.kausal.statistics

import io.kotest.core.spec.style.StringSpec
import io.kotest.matchers.shouldBe

/** Shares of draws against counting by hand. */
class SignsTest :
    StringSpec({
        "two clusters of opposite sign: a draw of the weaker one alone turns the sign" {
            val draws = Draws(listOf(intArrayOf(2, 0), intArrayOf(1, 1), intArrayOf(0, 2), intArrayOf(1, 1)))
            val sample = Sample(listOf(listOf(3.0, 1.0, 0.0), listOf(-1.0, 2.0, 0.0)))
            Signs.held(sample, draws) shouldBe listOf(0.75, 1.0, null)
        }

        "a single cluster has none" {
            Signs.held(Sample(listOf(listOf(3.0))), Draws.of(1, 10, 0)) shouldBe listOf(null)
        }
    })
