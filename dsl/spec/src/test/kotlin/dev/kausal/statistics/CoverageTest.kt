package dev.kausal.statistics

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.StringSpec
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.doubles.shouldBeBetween
import io.kotest.matchers.shouldBe

/**
 * Simulations with known truth, few of those of `bench/results/statistics.md`: how often intervals hold it, and how often tests find what is
 * not there.
 *
 * 600 experiments leave a standard error of 0.010 at 0.93. Intervals are to hold the truth in 0.93 or more of all, so what falls below
 * 0.93 less three of these breaks that promise.
 */
class CoverageTest :
    StringSpec({
        fun holds(
            world: World,
            n: Int,
        ) {
            val found = Simulation.coverage(world, n, RUNS, DRAWS)
            withClue("${world.name}, n = $n") { found.holds shouldBeGreaterThan PROMISED - 3 * ERROR }
        }

        "intervals hold the truth of every kind of number, few or many" {
            val all = Worlds.independent + Worlds.recoveries + Worlds.clusters
            all.forEach { holds(it, 24) }
            // Of ten lognormal values, and of ten of which one is expected far out, too little is seen; the table says how often.
            val seen = all.filterNot { it.name == "lognormal" || it.name.startsWith("normal, one in ten") }
            seen.forEach { holds(it, 10) }
        }

        "intervals of shares hold it with three examples already" {
            Worlds.shares.forEach { world -> listOf(3, 10, 24).forEach { holds(world, it) } }
        }

        "of normal values they are not much wider than Student's t" {
            val normal = Worlds.independent.first()
            Simulation.coverage(normal, 10, RUNS, DRAWS).width shouldBeLessThan 1.5
            Simulation.coverage(normal, 24, RUNS, DRAWS).width shouldBeLessThan 1.25
            Simulation.coverage(normal, 100, 100, DRAWS).width shouldBeLessThan 1.1
        }

        "the bias-corrected bootstrap holds it less often, which is why it is no longer the default" {
            val exponential = Worlds.independent.first { it.name == "exponential" }
            val found = Simulation.coverage(exponential, 10, RUNS, DRAWS, compare = true)
            found.corrected shouldBeLessThan PROMISED - 3 * ERROR
            found.corrected shouldBeLessThan found.holds
        }

        "without knowing of clusters an interval of repeated values would fool" {
            val world = Worlds.clusters.first { it.name == "clusters of 4" }
            val fooled =
                World("alone") { random, n ->
                    world.draw(random, n).let {
                        Simulated(Ratio(Sample(it.sample.values)), Sample(it.sample.values), it.truth)
                    }
                }
            Simulation.coverage(fooled, 24, RUNS, DRAWS).holds shouldBeLessThan 0.85
        }

        "where there is nothing, hardly anything is found, alone or among sixty, symmetric or skewed" {
            // 150 experiments leave a standard error of 0.018 at 0.05.
            val skewed = Worlds.nulls.filterNot { it.name.startsWith("one in twenty") }
            skewed.forEach { world ->
                listOf(10, 24).forEach { n ->
                    val found = Simulation.errors(world, n, TESTED, FLIPS)
                    val room = if (world.name.startsWith("lognormal") && n == 10) 0.05 else 0.0
                    withClue("${world.name}, n = $n") {
                        found.single.shouldBeBetween(0.0, 0.06 + room, 0.0)
                        found.family.shouldBeBetween(0.0, 0.05 + room + 3 * 0.018, 0.0)
                    }
                }
            }
        }

        "sign flips alone find mean effects in skewed values that have none" {
            val exponential = Worlds.nulls.first { it.name.startsWith("exponential") }
            Simulation.errors(exponential, 10, TESTED, FLIPS).flips shouldBeGreaterThan 0.3
        }

        "an effect is found among sixty cells" {
            var found = 0
            repeat(TESTED) { run ->
                val random = Numbers(run.toLong())
                val sample = Sample(List(24) { List(60) { cell -> random.normal() + if (cell == 7) 2.0 else 0.0 } })
                val its = Studentised.of(Ratio(sample), Draws.of(24, FLIPS, run.toLong()), 0.95)
                if (its.familyWise[7]!! <= 0.05) found++
            }
            (found.toDouble() / TESTED) shouldBeGreaterThan 0.9
        }

        "agreement of rankings is estimated without the noise of either, and its interval holds it" {
            val near = Simulation.agreement(270, 0.96, 3.0, 24, 30)
            near.raw shouldBeLessThan near.truth - 0.05
            near.corrected.shouldBeBetween(near.truth - 0.03, near.truth + 0.03, 0.0)
            // 30 experiments: at 0.95 more than four misses come in less than one of a hundred.
            listOf(
                near,
                Simulation.agreement(100, 0.5, 3.0, 24, 30),
                Simulation.agreement(100, 0.0, 3.0, 24, 30),
            ).forEach {
                it.given shouldBe 1.0
                it.holds shouldBeGreaterThan 0.85
            }
        }

        "the same seed gives the same numbers, another one others" {
            val sample = Sample(List(20) { listOf(Numbers(it.toLong()).normal()) })

            fun intervals(seed: Long) = Studentised.of(Ratio(sample), Draws.of(20, 500, seed), 0.95).intervals
            intervals(1) shouldBe intervals(1)
            (intervals(1) == intervals(2)) shouldBe false
            SignFlips.test(sample, 99, 1).single shouldBe SignFlips.test(sample, 99, 1).single
        }
    })

private const val RUNS = 600
private const val DRAWS = 399
private const val PROMISED = 0.93
private const val ERROR = 0.010
private const val TESTED = 150
private const val FLIPS = 299
