package dev.kausal.statistics

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.StringSpec
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.util.Random
import kotlin.math.exp

/**
 * Random heads as a null distribution: arithmetic by hand, and simulations with known truth.
 *
 * `-Dkausal.simulations=20000` repeats the simulations as often as their table in decision 17 does.
 */
class RankAmongDrawsTest :
    StringSpec({
        val runs = Integer.getInteger("kausal.simulations", SHORT)

        "a value is placed among the draws by its distance from the mean of all, ties against it" {
            val found = RankAmongDraws.of(listOf(5.0), listOf(0.0, 1.0, -1.0, 0.0).map { listOf(it) })
            found.single shouldBe listOf(0.2)
            found.asFar shouldBe listOf(0)
            RankAmongDraws.of(listOf(1.0), listOf(1.0, -1.0, 0.0).map { listOf(it) }).asFar shouldBe listOf(2)
        }

        "what never differs is never rare" {
            val found = RankAmongDraws.of(listOf(2.0, 0.1), List(19) { listOf(2.0, 0.1) })
            found.single shouldBe listOf(1.0, 1.0)
            found.familyWise shouldBe listOf(1.0, 1.0)
        }

        "many cells: a draw that is far out in another cell counts" {
            val draws = List(18) { listOf(it % 3 - 1.0, it % 3 - 1.0) } + listOf(listOf(0.0, 90.0))
            val found = RankAmongDraws.of(listOf(4.0, 0.0), draws)
            found.single[0] shouldBe 0.05
            found.familyWise[0] shouldBe 0.1
        }

        for (ranking in listOf(Ranking.Fixed, Ranking.AnewInEachSplit)) {
            "a ranking that means nothing stands out in one of twenty: $ranking" {
                for (heads in listOf(Heads.Alike, Heads.OneDominant, Heads.Heavy)) {
                    val rate =
                        (0 until runs).count { simulated(it, heads, ranking, excluded = false) } / runs.toDouble()
                    if (runs > SHORT) println("| $ranking | $heads | $rate |")
                    // Four standard errors of a share of 0.05 above it.
                    withClue("$heads: $rate") { rate shouldBeLessThan 0.05 + 4 * kotlin.math.sqrt(0.05 * 0.95 / runs) }
                }
            }
        }

        "random sets that leave the chosen heads out find one dominant head in a layer far too often" {
            val rate =
                (0 until runs).count { simulated(it, Heads.OneDominant, Ranking.Fixed, excluded = true) } /
                    runs.toDouble()
            rate shouldBeGreaterThan 0.1
        }

        "a ranking by the true effects is found" {
            val found =
                (0 until runs).count { simulated(it, Heads.Heavy, Ranking.True, excluded = false) } / runs.toDouble()
            // Where one layer has the largest effects, as many of the same layer are often the same heads.
            found shouldBeGreaterThan 0.5
        }
    })

/** Simulations in a run of the tests; more of them print their table. */
private const val SHORT = 1000

/** How effects are spread over the heads of a layer. */
private enum class Heads { Alike, OneDominant, Heavy }

/** What the chosen heads are chosen by. */
private enum class Ranking { Fixed, AnewInEachSplit, True }

private const val LAYERS = 4
private const val PER_LAYER = 4
private const val SPLITS = 4
private const val EXAMPLES = 20
private const val DRAWS = 99
private val SIZES = listOf(1, 2, 4)

/** Whether chosen heads stand out at 0.05 for any size, in one simulated experiment. */
private fun simulated(
    run: Int,
    heads: Heads,
    ranking: Ranking,
    excluded: Boolean,
): Boolean {
    val random = Random(run * 7919L + heads.ordinal)
    val all = (0 until LAYERS * PER_LAYER).toList()
    val effects =
        all.map { head ->
            when (heads) {
                Heads.Alike -> random.nextGaussian() * 0.1
                Heads.OneDominant -> if (head % PER_LAYER == 0) -5.0 else 0.0
                Heads.Heavy -> -exp(2 * random.nextGaussian())
            }
        }
    val values = List(EXAMPLES) { effects.map { it * (1 + 0.5 * random.nextGaussian()) + 0.2 * random.nextGaussian() } }
    val fixed = all.shuffled(random)
    val splits =
        List(SPLITS) {
            val order =
                when (ranking) {
                    Ranking.Fixed -> fixed
                    Ranking.AnewInEachSplit -> all.shuffled(random)
                    Ranking.True -> all.sortedBy { effects[it] }
                }
            order to (0 until EXAMPLES).shuffled(random).take(EXAMPLES / 2)
        }
    val orders = List(DRAWS) { all.shuffled(random) }

    fun change(
        order: List<Int>?,
        size: Int,
    ): Double =
        splits.map { (chosen, measured) ->
            val top = chosen.take(size)
            val set = if (order == null) top else likewise(top, order, excluded)
            measured.map { example -> set.sumOf { values[example][it] } }.average()
        }.average()
    val found = RankAmongDraws.of(
        SIZES.map { change(null, it) },
        orders.map { order ->
            SIZES.map { change(order, it) }
        },
    )
    return found.familyWise.any { it <= 0.05 }
}

/** As many heads of each layer as [top] has, by [order]; with [excluded], others than those of [top] where there are any. */
private fun likewise(
    top: List<Int>,
    order: List<Int>,
    excluded: Boolean,
): List<Int> =
    top.groupBy { it / PER_LAYER }.flatMap { (layer, chosen) ->
        val there = order.filter { it / PER_LAYER == layer }
        (if (excluded) there.filterNot { it in chosen } + chosen else there).take(chosen.size)
    }
