package dev.kausal.statistics

import org.apache.commons.statistics.distribution.TDistribution
import kotlin.math.max
import kotlin.math.sqrt

/**
 * How often intervals hold the truth.
 *
 * @property given share of experiments that have an interval at all
 * @property holds of those, the share whose interval holds the truth
 * @property width mean width of these beside Student's t on clusters
 * @property student what that holds
 * @property corrected what the bias-corrected and accelerated bootstrap's holds
 */
internal class Coverage(
    val given: Double,
    val holds: Double,
    val width: Double,
    val student: Double,
    val corrected: Double,
)

/** How often something is found where there is nothing: in a cell by itself, anywhere among all cells. */
internal class Errors(
    val single: Double,
    val family: Double,
    val flips: Double,
)

/** How an estimate of rank agreement does: see `RankAgreement`. */
internal class Agreement(
    val truth: Double,
    val raw: Double,
    val corrected: Double,
    val given: Double,
    val holds: Double,
    val width: Double,
)

internal object Simulation {
    private const val LEVEL = 0.95

    fun coverage(
        world: World,
        n: Int,
        runs: Int,
        draws: Int,
        compare: Boolean = false,
    ): Coverage {
        val counts = IntArray(4)
        var widths = 0.0
        repeat(runs) { run ->
            val its = world.draw(Numbers(run + 1_000L * n), n)
            val drawn = Draws.of(its.sample.clusters, draws, run.toLong())
            val interval = interval(its, drawn, world.name.startsWith("share"))
            if (interval != null) {
                counts[0]++
                if (interval.holds(its.truth)) counts[1]++
                val student = student(its)
                widths += if (student == null) 0.0 else (interval.high - interval.low) / (student.high - student.low)
                if (student?.holds(its.truth) == true) counts[2]++
                val old = if (compare) {
                    Bootstrap.intervals(
                        its.ratio,
                        drawn,
                        LEVEL,
                        IntervalMethod.BiasCorrected,
                    ).single()
                } else {
                    null
                }
                if (old?.holds(its.truth) == true) counts[3]++
            }
        }
        val given = max(1, counts[0]).toDouble()
        return Coverage(
            counts[0].toDouble() / runs,
            counts[1] / given,
            widths / given,
            counts[2] / given,
            counts[3] / given,
        )
    }

    private fun interval(
        its: Simulated,
        draws: Draws,
        share: Boolean,
    ): Interval? {
        if (share) return Shares.interval(its.sample, 0, LEVEL)
        val wider = listOf(its.dependence?.widening(its.ratio, 0) ?: 1.0)
        return Studentised.of(its.ratio, draws, LEVEL, wider) { false }.intervals.single()
    }

    /** Null where all values are the same. */
    private fun student(its: Simulated): Interval? {
        val clusters = its.sample.clustersWith(0)
        val away = its.ratio.residuals(0)
        val value = its.ratio.value(0) ?: return null
        val squares = its.sample.clusterSums(away).sumOf { it * it }
        val error = sqrt(squares * clusters / (clusters - 1.0)) / its.ratio.below.sumOf { it[0] }
        val reach = TDistribution.of(clusters - 1.0).inverseSurvivalProbability((1 - LEVEL) / 2) * error
        return if (reach == 0.0) null else Interval(value - reach, value + reach)
    }

    private fun Sample.clusterSums(values: DoubleArray): DoubleArray = with(
        values.map {
            listOf(it)
        },
    ).sums.map { it[0] }.toDoubleArray()

    private fun Interval.holds(truth: Double) = truth in low..high

    fun errors(
        world: Worlds.Null,
        n: Int,
        runs: Int,
        draws: Int,
        cells: Int = 60,
    ): Errors {
        var single = 0
        var family = 0
        var flipped = 0
        repeat(runs) { run ->
            val random = Numbers(run + 1_000L * n)
            val sample = Sample(
                List(n) {
                    random.normal().let { common ->
                        List(cells) { world.value(random, common) }
                    }
                },
            )
            val flips = SignFlips.test(sample, draws, run.toLong())
            val found = Studentised.of(Ratio(sample), Draws.of(n, draws, run.toLong()), LEVEL)
            single += found.single.zip(flips.single).count { (a, b) -> max(a!!, b!!) <= 1 - LEVEL }
            if (found.familyWise.zip(flips.familyWise).any { (a, b) -> max(a!!, b!!) <= 1 - LEVEL }) family++
            if (flips.familyWise.any { it!! <= 1 - LEVEL }) flipped++
        }
        return Errors(single.toDouble() / runs / cells, family.toDouble() / runs, flipped.toDouble() / runs)
    }

    /** Two rankings of [cells] cells on the same [n] examples, whose noise has half of its variance in common. */
    fun agreement(
        cells: Int,
        agreement: Double,
        noise: Double,
        n: Int,
        runs: Int,
    ): Agreement {
        val found =
            List(runs) { run ->
                val random = Numbers(run + 1_000L * n)
                val (first, second) = Worlds.rankings(random, cells, agreement)
                val common = List(n) { List(cells) { noise * random.normal() } }
                val a = Sample(common.map { row -> row.mapIndexed { cell, shared -> first[cell] + shared } })
                val b = Sample(
                    common.map { row ->
                        row.mapIndexed { cell, shared ->
                            second[cell] + 0.5 * shared +
                                0.8 * noise * random.normal()
                        }
                    },
                )
                val truth = RankCorrelation.of(first.map { kotlin.math.abs(it) }, second.map { kotlin.math.abs(it) })!!
                truth to RankAgreement.of(a, b, LEVEL, run.toLong())
            }
        val given = found.filter { it.second.interval != null }
        return Agreement(
            found.map { it.first }.average(),
            found.map { it.second.raw!! }.average(),
            given.map { it.second.corrected!! }.average(),
            given.size.toDouble() / runs,
            given.count { (truth, its) -> its.interval!!.holds(truth) }.toDouble() / max(1, given.size),
            given.map { (_, its) -> its.interval!!.high - its.interval.low }.average(),
        )
    }
}
