package dev.kausal.run

import dev.kausal.dsl.capture
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.direction
import dev.kausal.dsl.headZ
import dev.kausal.dsl.last
import dev.kausal.dsl.meanDifference
import dev.kausal.dsl.probe
import dev.kausal.dsl.residPre
import dev.kausal.dsl.subject
import dev.kausal.engine.model.HookedModel
import dev.kausal.spec.Result
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe

/** Probes on a small random Llama, and on one whose embeddings tell the classes apart. */
class ProbeRunTest :
    FunSpec({
        val random = HookedModel.open(tinyLlama)
        val model = HookedModel.open(planted(random, plantedDirection()))
        afterSpec {
            random.close()
            model.close()
        }

        test("area and accuracy are those counted prompt by prompt, by the threshold of the other half") {
            val results =
                tinyStudy(random) { lm ->
                    val set = plantedPairs()
                    val halves by direction(set, residPre)
                    val probed by probe(set, residPre, fit = meanDifference, draws = 3, splits = 2)
                    val ones by capture(set, lm.blocks[2].residPre)
                    val others by capture(set, lm.blocks[2].residPre, run = corrupted)
                }.run(random)
            val own = listOf("ones", "others").map { results.named(it).lastRows() }
            val labels = results.named("probed").examples
            var areas = 0.0
            var right = 0
            for ((fitted, measured) in results.named("halves").directions!!.halves.let { listOf(it, it.reversed()) }) {
                val (first, second) = own.map { rows ->
                    mean(labels.indices.filter { labels[it] in fitted }.map { rows[it] })
                }
                val direction = DoubleArray(first.size) { first[it] - second[it] }
                val middle = (dot(direction, first) + dot(direction, second)) / 2
                val (a, b) = own.map { rows ->
                    labels.indices.filter { labels[it] in measured }.map { dot(direction, rows[it]) }
                }
                areas +=
                    a.flatMap { x ->
                        b.map { y ->
                            if (x > y) {
                                1.0
                            } else if (x == y) {
                                0.5
                            } else {
                                0.0
                            }
                        }
                    }.average() *
                    measured.size
                right += a.count { it > middle } + b.count { it <= middle }
            }
            val probed = results.named("probed")
            probed.mean[2]!! shouldBe (areas / labels.size plusOrMinus 1e-9)
            results.named("probed.accuracy").mean[2]!! shouldBe (right / 2.0 / labels.size plusOrMinus 1e-9)
            // The last token is the same in all prompts, and nothing has reached it yet.
            probed.mean[0] shouldBe 0.5
            probed.probe.shouldNotBeNull().shuffled.map { it.size } shouldContainExactly listOf(3, 3, 3)
            val (first, second) = probed.probe!!.splits[2]
            first shouldBe (probed.mean[2]!! plusOrMinus 1e-9)
            val other = tinyStudy(random) {
                seed(1)
                val set = plantedPairs()
                val probed by probe(set, residPre, fit = meanDifference, draws = 3)
            }.run(random).named("probed")
            second shouldBe (other.mean[2]!! plusOrMinus 1e-9)
            other.probe!!.splits shouldBe emptyList()
        }

        test("probes find classes that the embeddings have, and fail on exchanged ones; controls do not find them") {
            val results =
                tinyStudy(model) {
                    val set = plantedPairs()
                    val exchanged = contrasts {
                        repeat(PLANTED_PAIRS) { i ->
                            contrast(
                                "the [c$i d$i] is in the city of",
                                " y$i",
                                "the [a$i b$i] is in the city of",
                                " x$i",
                            )
                        }
                    }
                    val weights by probe(set, residPre, at = subject, transfer = listOf(exchanged))
                    val means by probe(set, residPre, at = subject, fit = meanDifference)
                }.run(model)
            for (name in listOf("weights", "means")) {
                val found = results.named(name)
                found.mean[0] shouldBe 1.0
                results.named("$name.accuracy").mean[0]!! shouldBeGreaterThan 0.9
                found.probe!!.shuffled[0].average() shouldBe (0.5 plusOrMinus 0.15)
                found.change.shouldNotBeNull().mean[0] shouldBe 0.5
            }
            val there = results.results.single { it.name.startsWith("weights.on.") }
            there.mean[0]!! shouldBeLessThan 0.01
            there.set shouldBe there.name.removePrefix("weights.on.")
        }

        test("sets, labels and heads") {
            val results =
                tinyStudy(model) {
                    val ones = prompts { repeat(PLANTED_PAIRS) { prompt("the [a$it b$it] is in the city of") } }
                    val others = prompts { repeat(PLANTED_PAIRS - 2) { prompt("the [c$it d$it] is in the city of") } }
                    val ofSets by probe(ones, residPre, at = subject, against = others)
                    val ofHeads by probe(plantedPairs(), headZ, at = last, draws = 2)
                }.run(model)
            results.named("ofSets").mean[0]!! shouldBe (1.0 plusOrMinus 1e-9)
            results.named("ofSets").examples.size shouldBe 2 * PLANTED_PAIRS - 2
            withClue("heads") { results.named("ofHeads").shape shouldContainExactly listOf(3, 4) }
        }
    })

private fun Result.lastRows(): List<DoubleArray> {
    val (positions, units) = shape
    return perExample.map { row ->
        val length = (0 until positions).last { row[it * units] != null } + 1
        DoubleArray(units) { row[(length - 1) * units + it]!! }
    }
}

private fun mean(rows: List<DoubleArray>) = DoubleArray(rows[0].size) { unit -> rows.sumOf { it[unit] } / rows.size }

private fun dot(
    a: DoubleArray,
    b: DoubleArray,
): Double = a.indices.sumOf { a[it] * b[it] }
