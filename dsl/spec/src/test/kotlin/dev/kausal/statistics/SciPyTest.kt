package dev.kausal.statistics

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.StringSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json

/** The numbers of `bench/make_statistics_vectors.py`, which asks SciPy. */
class SciPyTest :
    StringSpec({
        val vectors = Json.decodeFromString<Vectors>(resource("/statistics/vectors.json"))

        vectors.cases.forEach { case ->
            "means, medians and intervals of the ${case.name} case are SciPy's" {
                val sample = Sample(case.values, case.clusters)
                val draws = Draws(case.draws.map { drawn -> weights(drawn, sample.clusters) })
                case.mean.indices.forEach { cell ->
                    sample.mean(cell)!! shouldBe case.mean[cell].plusOrMinus(CLOSE)
                    sample.median(cell)!! shouldBe case.median[cell].plusOrMinus(CLOSE)
                    case.standardError?.let { sample.standardError(cell)!! shouldBe it[cell].plusOrMinus(CLOSE) }
                }
                methods.forEach { (name, method) ->
                    val found = Bootstrap.intervals(sample, draws, vectors.level, method)
                    case.intervals.getValue(name).forEachIndexed { cell, (low, high) ->
                        withClue("$name of cell $cell") {
                            found[cell]!!.low shouldBe low.plusOrMinus(CLOSE)
                            found[cell]!!.high shouldBe high.plusOrMinus(CLOSE)
                        }
                    }
                }
            }
        }

        "p of sign flips, single and family-wise, is that of the enumeration" {
            val found = SignFlips.test(Sample(vectors.signFlips.values), count = 99, seed = 0)
            found.exact shouldBe true
            found.flips shouldBe 1024
            vectors.signFlips.single.forEachIndexed { cell, p -> found.single[cell]!! shouldBe p.plusOrMinus(CLOSE) }
            vectors.signFlips.familyWise
                .forEachIndexed { cell, p -> found.familyWise[cell]!! shouldBe p.plusOrMinus(CLOSE) }
        }

        "adjusted p of Benjamini and Hochberg is SciPy's, and nulls do not count" {
            val expected = vectors.falseDiscovery.adjusted
            val found = benjaminiHochberg(vectors.falseDiscovery.p + null)
            expected.forEachIndexed { cell, p -> found[cell]!! shouldBe p.plusOrMinus(CLOSE) }
            found.last() shouldBe null
        }

        "value, error, interval and p of a ratio are those of independent arithmetic on the same draws" {
            val its = vectors.studentised
            val ratio = Ratio(Sample(its.changes, its.clusters), Sample(its.gaps, its.clusters))
            val draws = Draws(its.draws.map { drawn -> weights(drawn, ratio.numerators.clusters) })
            val found = Studentised.of(ratio, draws, vectors.level)
            ratio.value(0)!! shouldBe its.value.plusOrMinus(CLOSE)
            ratio.standardError(0)!! shouldBe its.error.plusOrMinus(CLOSE)
            found.intervals[0]!!.low shouldBe its.interval[0].plusOrMinus(CLOSE)
            found.intervals[0]!!.high shouldBe its.interval[1].plusOrMinus(CLOSE)
            found.single[0]!! shouldBe its.p.plusOrMinus(CLOSE)
            found.familyWise[0]!! shouldBe its.p.plusOrMinus(CLOSE)
        }

        "intervals of shares are SciPy's exact ones" {
            vectors.shares.forEach { share ->
                val sample = Sample(List(share.of) { listOf(if (it < share.hits) 1.0 else 0.0) })
                val found = Shares.interval(sample, 0, vectors.level)!!
                found.low shouldBe share.interval[0].plusOrMinus(CLOSE)
                found.high shouldBe share.interval[1].plusOrMinus(CLOSE)
            }
        }

        "rank correlation with ties is SciPy's" {
            val spearman = vectors.spearman
            RankCorrelation.of(spearman.a, spearman.b)!! shouldBe spearman.correlation.plusOrMinus(CLOSE)
        }
    })

private const val CLOSE = 1e-10
private val methods = mapOf("percentile" to IntervalMethod.Percentile, "BCa" to IntervalMethod.BiasCorrected)

private fun weights(
    drawn: List<Int>,
    clusters: Int,
) = IntArray(clusters).also { counts -> drawn.forEach { counts[it]++ } }

private fun resource(name: String) = SciPyTest::class.java.getResource(name)!!.readText()

@Serializable
private class Vectors(
    val level: Double,
    val cases: List<Case>,
    val signFlips: Flips,
    val falseDiscovery: Discovery,
    val studentised: Tested,
    val shares: List<Share>,
    val spearman: Spearman,
)

@Serializable
private class Case(
    val name: String,
    val values: List<List<Double>>,
    val clusters: List<Int>,
    val draws: List<List<Int>>,
    val mean: List<Double>,
    val median: List<Double>,
    val standardError: List<Double>?,
    val intervals: Map<String, List<List<Double>>>,
)

@Serializable
private class Flips(
    val values: List<List<Double>>,
    val single: List<Double>,
    val familyWise: List<Double>,
)

@Serializable
private class Discovery(
    val p: List<Double>,
    val adjusted: List<Double>,
)

@Serializable
private class Spearman(
    val a: List<Double>,
    val b: List<Double>,
    val correlation: Double,
)

@Serializable
private class Tested(
    val changes: List<List<Double>>,
    val gaps: List<List<Double>>,
    val clusters: List<Int>,
    val draws: List<List<Int>>,
    val value: Double,
    val error: Double,
    val interval: List<Double>,
    val p: Double,
)

@Serializable
private class Share(
    val hits: Int,
    val of: Int,
    val interval: List<Double>,
)
