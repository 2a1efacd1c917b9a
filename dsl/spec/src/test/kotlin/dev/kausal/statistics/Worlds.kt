package dev.kausal.statistics

import kotlin.math.exp
import kotlin.math.sign
import kotlin.math.sqrt

/** Random numbers of one simulated experiment. */
internal class Numbers(
    seed: Long,
) {
    private val random = java.util.Random(seed * 7_919 + 17)

    fun uniform(): Double = random.nextDouble()

    fun normal(): Double = random.nextGaussian()

    fun exponential(): Double = -kotlin.math.ln(1 - random.nextDouble())

    /** Gamma of one half, of mean one half. */
    fun halfGamma(): Double = normal().let { it * it / 2 }

    fun student(freedom: Int): Double = normal() / sqrt(List(freedom) { normal() }.sumOf { it * it } / freedom)

    fun below(bound: Int): Int = random.nextInt(bound)
}

/**
 * One simulated experiment of one cell.
 *
 * @property truth what an interval should hold
 */
internal class Simulated(
    val ratio: Ratio,
    val sample: Sample,
    val truth: Double,
    val dependence: Dependence? = null,
)

/** A kind of numbers, of which experiments with n independent examples can be drawn. */
internal class World(
    val name: String,
    val draw: (Numbers, Int) -> Simulated,
)

internal object Worlds {
    private fun means(
        name: String,
        truth: Double,
        value: Numbers.() -> Double,
    ) = World(name) { random, n -> of(List(n) { random.value() }, List(n) { it }, truth) }

    private fun of(
        values: List<Double?>,
        clusters: List<Int>,
        truth: Double,
        dependence: Dependence? = null,
    ): Simulated {
        val sample = Sample(values.map { listOf(it) }, clusters)
        return Simulated(Ratio(sample), sample, truth, dependence)
    }

    val independent =
        listOf(
            means("normal", 0.0) { normal() },
            means("uniform", 0.5) { uniform() },
            means("t with 3 degrees of freedom", 0.0) { student(3) },
            means("t with 2 degrees of freedom", 0.0) { student(2) },
            means("exponential", 1.0) { exponential() },
            means("gamma of 1/2", 0.5) { halfGamma() },
            means("beta of 4 and 1/2", 4 / 4.5) {
                val a = List(4) { exponential() }.sum()
                a / (a + halfGamma())
            },
            means("lognormal", exp(0.5)) { exp(normal()) },
            means("normal, one in ten about 5", 0.5) { normal() + if (uniform() < 0.1) 5 else 0 },
        )

    /** Mean of the gaps that are kept: of a normal one of mean 4 and deviation 2.5, above 0.2. */
    private const val GAP = 4.3358

    private fun recovery(
        name: String,
        truth: Double,
        change: Numbers.(Double) -> Double,
    ) = World(name) { random, n ->
        val gaps = List(n) { 4 + 2.5 * random.normal() }
        val usable = Ratios.usable(gaps)
        val changes = Sample(gaps.mapIndexed { i, gap -> listOf(random.change(gap).takeIf { usable[i] }) })
        val scale = Sample(gaps.mapIndexed { i, gap -> listOf(gap.takeIf { usable[i] }) })
        Simulated(Ratio(changes, scale), changes, truth)
    }

    val recoveries =
        listOf(
            recovery("recovery of 0.3 of each gap", 0.3) { 0.3 * it + normal() },
            recovery("recovery of 1.2 whatever the gap", 1.2 / GAP) { 1.2 + normal() },
        )

    private fun grouped(
        name: String,
        sizes: (Int) -> List<Int>,
        common: Double,
    ) = World(name) { random, n ->
        val clusters = sizes(n).flatMapIndexed { cluster, size -> List(size) { cluster } }
        val effects = List(n) { common * random.normal() }
        of(clusters.map { effects[it] + random.normal() }, clusters, 0.0)
    }

    val clusters =
        listOf(
            grouped("clusters of 4", { n -> List(n) { 4 } }, 1.0),
            grouped("clusters of 1 to 5", { n -> List(n) { 1 + it % 5 } }, 1.0),
            grouped("one cluster holds half", { n -> List(n) { if (it == 0) n - 1 else 1 } }, 1.0),
            grouped("one cluster holds half, no dependence", { n -> List(n) { if (it == 0) n - 1 else 1 } }, 0.0),
            World("corrupted subjects in four examples each") { random, n ->
                val others = List((n + 3) / 4) { random.normal() }
                val values = List(n) { random.normal() + others[it / 4] }
                of(values, List(n) { it }, 0.0, Dependence(List(n) { setOf("clean $it", "other ${it / 4}") }))
            },
        )

    fun share(truth: Double) =
        World("share of $truth") { random, n ->
            of(List(n) { if (random.uniform() < truth) 1.0 else 0.0 }, List(n) { it }, truth)
        }

    val shares =
        listOf(
            share(0.9),
            share(0.5),
            World("share of 0.8, clusters of 4") { random, n ->
                val clusters = List(4 * n) { it / 4 }
                val easy = List(n) { if (random.uniform() < 0.6) 1.0 else 0.5 }
                of(clusters.map { if (random.uniform() < easy[it]) 1.0 else 0.0 }, clusters, 0.8)
            },
        )

    /** Values of [cells] cells in which there is nothing: the mean is 0. */
    class Null(
        val name: String,
        val value: (Numbers, Double) -> Double,
    )

    /** The second argument is what the cells of an example have in common. */
    val nulls =
        listOf(
            Null("normal") { random, _ -> random.normal() },
            Null("normal, cells correlated") { random, common -> common + random.normal() },
            Null("t with 2 degrees of freedom") { random, _ -> random.student(2) },
            Null("-1, 0 or 1") { random, _ -> random.below(3) - 1.0 },
            Null("exponential less its mean") { random, _ -> random.exponential() - 1 },
            Null("lognormal less its mean") { random, _ -> exp(random.normal()) - exp(0.5) },
            Null("one in twenty about 5, the rest small, less the mean") { random, _ ->
                (if (random.uniform() < 0.05) 5 + random.normal() else 0.1 * random.normal()) - 0.25
            },
        )

    /** True mean effects of two rankings whose rank correlation is near [agreement]: 0.96, 0.5 or 0. */
    fun rankings(
        random: Numbers,
        cells: Int,
        agreement: Double,
    ): Pair<List<Double>, List<Double>> {
        fun size() = exp(1.5 * random.normal()) * sign(random.uniform() - 0.5)
        val first = List(cells) { size() }
        val spread = if (agreement > 0.9) 0.4 else 2.6
        return first to
            if (agreement == 0.0) List(cells) { size() } else first.map { it * exp(spread * random.normal()) }
    }
}
