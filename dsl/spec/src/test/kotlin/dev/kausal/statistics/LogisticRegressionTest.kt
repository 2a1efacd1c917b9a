package dev.kausal.statistics

import io.kotest.core.spec.style.StringSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.util.Random
import kotlin.math.exp
import kotlin.math.ln
import kotlin.math.sqrt

/** Principal axes and logistic regression, by their definitions. */
class LogisticRegressionTest :
    StringSpec({
        fun rows(
            count: Int,
            units: Int,
            seed: Long,
        ): List<DoubleArray> {
            val random = Random(seed)
            return List(count) { row ->
                DoubleArray(units) {
                    random.nextGaussian() * (units - it) +
                        if (row % 2 == 0) 1 else -1
                }
            }
        }

        "curvatures that cancel do not keep a regression from its minimum" {
            for (seed in 0L until 200) {
                val random = Random(seed)
                val sizes = DoubleArray(6) { 0.1 + random.nextDouble() }
                // All combinations of signs, so that every product of two units sums to 0 up to rounding.
                val rows = List(64) { row -> DoubleArray(6) { if (row shr it and 1 == 0) sizes[it] else -sizes[it] } }
                val found = LogisticRegression(PrincipalAxes(rows), rows.map { it[0] > 0 })
                (found.weights[0] > 0) shouldBe true
                found.weights.drop(1).forEach { it shouldBe (0.0 plusOrMinus 1e-6) }
            }
        }

        for ((count, units) in listOf(40 to 5, 8 to 30)) {
            "$count rows of $units units have orthonormal axes, whose scores are uncorrelated and restore the rows" {
                val rows = rows(count, units, 3)
                val found = PrincipalAxes(rows)
                found.axes.size shouldBe minOf(count - 1, units)
                for (i in found.axes.indices) {
                    for (j in found.axes.indices) {
                        dot(found.axes[i], found.axes[j]) shouldBe ((if (i == j) 1.0 else 0.0) plusOrMinus 1e-9)
                        if (i != j) found.scores.sumOf { it[i] * it[j] } shouldBe (0.0 plusOrMinus 1e-8)
                    }
                }
                val variances = found.axes.indices.map { axis -> found.scores.sumOf { it[axis] * it[axis] } }
                variances shouldBe variances.sortedDescending()
                rows.forEachIndexed { row, values ->
                    values.indices.forEach { unit ->
                        val restored =
                            found.centre[unit] +
                                found.axes.indices.sumOf { found.scores[row][it] * found.axes[it][unit] }
                        restored shouldBe (values[unit] plusOrMinus 1e-9)
                    }
                }
            }

            "the weights for $count rows of $units units have no slope left in the penalised loss" {
                val rows = rows(count, units, 5)
                val truth = List(count) { it % 2 == 0 }
                val axes = PrincipalAxes(rows)
                val found = LogisticRegression(axes, truth)
                val mean = DoubleArray(units) { unit -> rows.sumOf { it[unit] } / count }
                val spread =
                    sqrt(
                        rows.sumOf { row -> row.indices.sumOf { (row[it] - mean[it]) * (row[it] - mean[it]) } } /
                            (count * units),
                    )
                axes.spread shouldBe (spread plusOrMinus 1e-12)

                fun loss(
                    weights: DoubleArray,
                    intercept: Double,
                ) =
                    rows.indices.sumOf {
                        ln(1 + exp((dot(weights, rows[it]) + intercept) * if (truth[it]) -1 else 1))
                    } +
                        spread * spread * dot(weights, weights) / 2
                val least = loss(found.weights, found.intercept)
                val step = 1e-4
                for (unit in 0 until units) {
                    for (sign in listOf(-1, 1)) {
                        val other = found.weights.copyOf().also { it[unit] += sign * step }
                        (loss(other, found.intercept) > least) shouldBe true
                    }
                }
                (loss(found.weights, found.intercept + step) > least) shouldBe true
                (loss(found.weights, found.intercept - step) > least) shouldBe true
            }
        }

        "weights are those of PyTorch's L-BFGS on the same loss" {
            val rows = listOf(
                doubleArrayOf(1.0, 2.0, -1.0),
                doubleArrayOf(0.5, -1.0, 3.0),
                doubleArrayOf(-2.0, 0.0, 1.0),
                doubleArrayOf(2.0, 1.0, 0.0),
                doubleArrayOf(-1.0, -2.0, 0.5),
                doubleArrayOf(0.0, 1.5, -2.0),
            )
            val found = LogisticRegression(PrincipalAxes(rows), listOf(true, false, false, true, false, true))
            val expected = doubleArrayOf(0.465530852550, 0.520440065590, -0.517745777749)
            expected.indices.forEach { found.weights[it] shouldBe (expected[it] plusOrMinus 1e-6) }
            found.intercept shouldBe (-0.034755789137 plusOrMinus 1e-6)
        }
    })
