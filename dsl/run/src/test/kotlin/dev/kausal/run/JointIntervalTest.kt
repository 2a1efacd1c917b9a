package dev.kausal.run

import dev.kausal.dsl.on
import dev.kausal.run.analyses.JointEstimates
import dev.kausal.run.inference.meanOver
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ChoosingSplit
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.InferenceSpec
import dev.kausal.spec.JointAblationSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.Order
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.RunSpec
import dev.kausal.spec.ValueSpec
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.util.Random
import kotlin.math.exp
import kotlin.math.ln
import kotlin.math.sqrt

/**
 * How often a joint ablation's intervals hold what the heads that the splits chose change on new examples.
 *
 * `-Dkausal.simulations=5000` repeats it as often as its table in decision 19 does, and prints that.
 */
class JointIntervalTest :
    FunSpec({
        val runs = Integer.getInteger("kausal.simulations", SHORT)

        for (examples in listOf(16, 24)) {
            for (skewed in listOf(false, true)) {
                test("intervals of $examples ${if (skewed) "skewed" else "normal"} examples hold what they promise") {
                    val held = (0 until runs).map { holds(Random(it.toLong()), examples, skewed) }
                    held.first().indices.forEach { column ->
                        val share = held.count { it[column] } / runs.toDouble()
                        if (runs > SHORT) println("| $examples | $skewed | ${JointEstimates.SETS[column]} | $share |")
                        // 0.92 less four standard errors of a share of 0.95.
                        val least = 0.92 - 4 * sqrt(0.95 * 0.05 / runs)
                        withClue(JointEstimates.SETS[column]) { share shouldBeGreaterThan least }
                    }
                }
            }
        }

        test("too few examples have no interval, and the result says why") {
            val few = inferred(Random(1), 12, skewed = false).first
            few.ciLow shouldBe listOf(null, null, null)
            few.notes.single() shouldBe JointEstimates.NO_INTERVAL
        }
    })

private const val SHORT = 300
private const val HEADS = 16
private const val DRAWS = 39

private fun holds(
    random: Random,
    examples: Int,
    skewed: Boolean,
): List<Boolean> {
    val (result, truth) = inferred(random, examples, skewed)
    return truth.indices.map { truth[it] in result.ciLow[it]!!..result.ciHigh[it]!! }
}

/** A simulated result with its inference, and the true changes by chosen sets, by random ones and their difference. */
private fun inferred(
    random: Random,
    examples: Int,
    skewed: Boolean,
): Pair<Result, List<Double>> {
    val effects = List(HEADS) { -0.3 * exp(random.nextGaussian()) }
    val values =
        List(examples) {
            val common = 1 + 0.3 * random.nextGaussian()
            effects.map { it * common + if (skewed) -ln(random.nextDouble()) - 1 else random.nextGaussian() }
        }
    val halves = List(2) {
        (0 until examples).shuffled(random).chunked(examples / 2)
    }.flatMap { listOf(it, it.reversed()) }
    val orders = List(DRAWS) { (0 until HEADS).shuffled(random) }
    val splits =
        halves.map { (choose, measure) ->
            val top = (0 until HEADS).minBy { head -> choose.sumOf { values[it][head] } }
            top to measure
        }
    val changes = splits.map { (top, measure) ->
        measure.map { row -> listOf(listOf(values[row][top]) + orders.map { values[row][it[0]] }) }
    }
    val spec =
        JointAblationSpec(
            "joint",
            "set",
            null,
            MetricSpec.Logit,
            "ranking",
            Order.Lowest,
            listOf(1),
            DRAWS,
            ValueSpec.Zero,
            RunSpec.Clean,
            0,
        )
    val estimates =
        JointEstimates(
            spec,
            listOf(1),
            examples,
            splits.map {
                ChoosingSplit(it.second, listOf(), listOf())
            },
            changes,
            listOf(16.0),
        )
    val contrasts = List(examples) { ContrastSpec("$it", PromptSpec("$it", listOf(it), listOf("$it"))) }
    val result =
        Result(
            "joint",
            ResultKind.JointAblation,
            "change of logit",
            listOf(AxisSpec("heads", listOf("1")), AxisSpec("set", JointEstimates.SETS)),
            contrasts.map { it.label },
            listOf(1, 3),
            estimates.rows,
            mean = meanOver(estimates.rows),
        )
    val chosen = splits.map { effects[it.first] }.average()
    val typical = effects.average()
    return estimates.inferred(result, contrasts, InferenceSpec()) to listOf(chosen, typical, chosen - typical)
}
