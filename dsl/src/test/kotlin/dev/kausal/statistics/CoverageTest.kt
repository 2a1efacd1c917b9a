package dev.kausal.statistics

import io.kotest.core.spec.style.StringSpec
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeBetween
import io.kotest.matchers.shouldBe
import kotlin.math.exp

/**
 * Simulations with known truth: how often intervals hold the mean, and how often tests find what is not there.
 *
 * 400 experiments leave a standard error of about 0.011 at 0.95 and 0.05; bounds are four of these away from what the
 * method can do at that size.
 */
class CoverageTest :
    StringSpec({
        "95 % intervals of normal values hold the mean about 95 times in 100" {
            coverage(IntervalMethod.BiasCorrected) { it.normal() }.shouldBeBetween(0.90, 0.98, 0.0)
            coverage(IntervalMethod.Percentile) { it.normal() }.shouldBeBetween(0.90, 0.98, 0.0)
        }

        "of skewed values they hold it less often, the corrected ones more often than the others" {
            val corrected = coverage(IntervalMethod.BiasCorrected) { exp(it.normal()) - exp(0.5) }
            val percentile = coverage(IntervalMethod.Percentile) { exp(it.normal()) - exp(0.5) }
            corrected.shouldBeBetween(0.85, 0.96, 0.0)
            corrected shouldBeGreaterThan percentile
        }

        "of values that repeat within clusters, only clustered intervals hold it" {
            val covered = BooleanArray(RUNS)
            val fooled = BooleanArray(RUNS)
            repeat(RUNS) { run ->
                val random = Numbers(run.toLong())
                val values = List(20) {
                    random.normal()
                }.flatMap { common -> List(4) { listOf(common + 0.2 * random.normal()) } }
                covered[run] = holds(Sample(values, List(80) { it / 4 }), run, IntervalMethod.BiasCorrected)
                fooled[run] = holds(Sample(values), run, IntervalMethod.BiasCorrected)
            }
            covered.share().shouldBeBetween(0.88, 0.98, 0.0)
            fooled.share().shouldBeBetween(0.4, 0.8, 0.0)
        }

        "where there is nothing, one cell in twenty is found, but hardly one family of ten" {
            var single = 0
            val family = BooleanArray(RUNS)
            repeat(RUNS) { run ->
                val random = Numbers(run.toLong())
                val common = List(16) { random.normal() }
                val values = common.map { shared -> List(10) { shared + random.normal() } }
                val found = SignFlips.test(Sample(values), count = 199, seed = run.toLong())
                single += found.single.count { it!! <= 0.05 }
                family[run] = found.familyWise.any { it!! <= 0.05 }
            }
            (single / (10.0 * RUNS)).shouldBeBetween(0.03, 0.07, 0.0)
            family.share().shouldBeBetween(0.01, 0.10, 0.0)
        }

        "the same seed gives the same numbers, another one others" {
            val sample = Sample(List(20) { listOf(Numbers(it.toLong()).normal()) })

            fun intervals(seed: Long) =
                Bootstrap.intervals(sample, Draws.of(20, 500, seed), 0.95, IntervalMethod.BiasCorrected)
            intervals(1) shouldBe intervals(1)
            (intervals(1) == intervals(2)) shouldBe false
            SignFlips.test(sample, 99, 1).single shouldBe SignFlips.test(sample, 99, 1).single
        }
    })

private const val RUNS = 400

private class Numbers(
    seed: Long,
) {
    private val random = java.util.Random(seed * 7_919 + 17)

    fun normal(): Double = random.nextGaussian()
}

private fun BooleanArray.share(): Double = count { it }.toDouble() / size

private fun coverage(
    method: IntervalMethod,
    draw: (Numbers) -> Double,
): Double =
    BooleanArray(RUNS) { run ->
        val random = Numbers(run.toLong())
        holds(Sample(List(40) { listOf(draw(random)) }), run, method)
    }.share()

private fun holds(
    sample: Sample,
    run: Int,
    method: IntervalMethod,
): Boolean {
    val draws = Draws.of(sample.clusters, 600, run.toLong())
    val interval = Bootstrap.intervals(sample, draws, 0.95, method).single()!!
    return 0.0 >= interval.low && 0.0 <= interval.high
}
