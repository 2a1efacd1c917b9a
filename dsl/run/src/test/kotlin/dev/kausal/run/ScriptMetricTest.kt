package dev.kausal.run

import dev.kausal.dsl.Head
import dev.kausal.dsl.Metric
import dev.kausal.dsl.Position
import dev.kausal.dsl.ablate
import dev.kausal.dsl.accuracy
import dev.kausal.dsl.clean
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.everyPosition
import dev.kausal.dsl.get
import dev.kausal.dsl.knows
import dev.kausal.dsl.logProbability
import dev.kausal.dsl.logit
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.loss
import dev.kausal.dsl.metric
import dev.kausal.dsl.patch
import dev.kausal.dsl.prefersAnswer
import dev.kausal.dsl.probability
import dev.kausal.dsl.probabilityDifference
import dev.kausal.dsl.subject
import dev.kausal.dsl.subjectLast
import dev.kausal.dsl.sweep
import dev.kausal.engine.exec.BatchedExecutor
import dev.kausal.engine.exec.Executor
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.engine.model.HookedModel
import dev.kausal.spec.Result
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import kotlin.math.abs
import kotlin.math.ln
import kotlin.math.max

private val executors: List<Executor> = listOf(BatchedExecutor(1L shl 28), PlainExecutor())

private fun each(read: (HookedModel, Executor) -> Unit) {
    HookedModel.open(tinyLlama).use { model -> executors.forEach { read(model, it) } }
}

private infix fun Result.shouldEqual(other: Result) {
    for ((row, expected) in perExample.zip(other.perExample)) {
        for ((value, wanted) in row.zip(expected)) value!! shouldBe (wanted!! plusOrMinus 1e-4)
    }
    baseline.keys shouldBe other.baseline.keys
    for ((run, values) in baseline) {
        for ((value, wanted) in values.zip(other.baseline.getValue(run))) value!! shouldBe (wanted!! plusOrMinus 1e-4)
    }
}

/** Metrics that read several positions, and know what they measure. */
class ScriptMetricTest :
    FunSpec({
        test("a loss written in the script is the built-in one, in edited and in unedited runs") {
            each { model, executor ->
                val results =
                    tinyStudy(model) { lm ->
                        val set = contrasts { words() }
                        val own =
                            metric("own loss", at = everyPosition) { logits ->
                                positions shouldContainExactly ids.indices.toList()
                                val log = logits.logSoftmax(-1)
                                (0 until ids.size - 1)
                                    .map { -log.getFloat(it.toLong(), ids[it + 1].toLong()).toDouble() }
                                    .average()
                            }
                        val written by sweep(set, own) { each(heads) { ablate(it) } }
                        val builtIn by sweep(set, loss) { each(heads) { ablate(it) } }
                        val late by sweep(set, own) {
                            each(listOf(0), "n") { ablate(lm.blocks[1].mlpOut).at(subjectLast) }
                        }
                        val lateLoss by sweep(set, loss) {
                            each(listOf(0), "n") { ablate(lm.blocks[1].mlpOut).at(subjectLast) }
                        }
                    }.run(model, executor)
                results.named("written") shouldEqual results.named("builtIn")
                results.named("late") shouldEqual results.named("lateLoss")
            }
        }
        test("rows before the edit are the unedited run's, those at it are not") {
            each { model, executor ->
                val results =
                    tinyStudy(model) { lm ->
                        val set = contrasts { words() }
                        val first = metric("first", at = Position(0)) { logits -> logits[0, answer] }
                        val at = metric("at", at = subjectLast) { logits -> logits[0, answer] }
                        val untouched by sweep(set, first) {
                            each(layers) { ablate(lm.blocks[it].mlpOut).at(subjectLast) }
                        }
                        val touched by sweep(set, at) { each(layers) { ablate(lm.blocks[it].mlpOut).at(subjectLast) } }
                    }.run(model, executor)
                val untouched = results.named("untouched")
                for ((row, own) in untouched.perExample.zip(untouched.baseline.getValue("clean"))) {
                    row.forEach { it!! shouldBe (own!! plusOrMinus 1e-5) }
                }
                results.named("touched").audit!!.unchanged shouldBe 0
                results.named("touched").change!!.mean.maxOf { abs(it!!) } shouldBeGreaterThan 1e-3
            }
        }
        test("a metric knows the run, the example and its answers") {
            each { model, executor ->
                val seen = mutableSetOf<List<Any>>()
                tinyStudy(model) {
                    val set = contrasts { words() }
                    val own =
                        metric("own", at = subject) { logits ->
                            seen += listOf(example, run, tokens.size, positions, answer.text, foil.text)
                            logits.getShape()[0] shouldBe positions.size.toLong()
                            positions.map { tokens[it].trim() }.joinToString(" ").length.toDouble()
                        }
                    val swept by sweep(set, own) { each(layers) { patch(clean, corrupted, it).at(subjectLast) } }
                }.run(model, executor)
                val ofFirst = seen.filter { it[0] == "example 0" }.toSet()
                // Its subject is "a b c", and the other one's "k l m": three words after "the".
                ofFirst shouldBe
                    listOf("clean", "corrupted").map {
                        listOf("example 0", it, 9, listOf(1, 2, 3), " x0", " y0")
                    }.toSet()
            }
        }
        test("metrics of sets are means of logits and sums of probabilities") {
            each { model, executor ->
                val answers = listOf(" x0", " x1")
                val foils = listOf(" y0", " y1", " y2")
                val singles = answers + foils

                fun ofSet(of: Metric) =
                    tinyStudy(model) {
                        inference(controls = false)
                        val set = contrasts { contrast("the [b] is in", answers, "the [c] is in", foils) }
                        val swept by sweep(set, of) { each(heads) { ablate(it) } }
                    }.run(model, executor).named("swept").perExample.single().map { it!! }

                fun single(
                    of: Metric,
                    token: String,
                ) = tinyStudy(model) {
                    inference(controls = false)
                    val set = contrasts { contrast("the [b] is in", token, "the [c] is in", " z") }
                    val swept by sweep(set, of) { each(heads) { ablate(it) } }
                }.run(model, executor).named("swept").perExample.single().map { it!! }
                val logits = singles.associateWith { single(logit, it) }
                val probabilities = singles.associateWith { single(probability, it) }

                fun mean(
                    tokens: List<String>,
                    cell: Int,
                ) = tokens.map { logits.getValue(it)[cell] }.average()

                fun sum(
                    tokens: List<String>,
                    cell: Int,
                ) = tokens.sumOf { probabilities.getValue(it)[cell] }
                val difference = ofSet(logitDifference)
                val mean = ofSet(logit)
                val summed = ofSet(probability)
                val log = ofSet(logProbability)
                val beyond = ofSet(probabilityDifference)
                val right = ofSet(accuracy)
                for (cell in difference.indices) {
                    difference[cell] shouldBe (mean(answers, cell) - mean(foils, cell) plusOrMinus 1e-4)
                    mean[cell] shouldBe (mean(answers, cell) plusOrMinus 1e-4)
                    summed[cell] shouldBe (sum(answers, cell) plusOrMinus 1e-6)
                    log[cell] shouldBe (ln(sum(answers, cell)) plusOrMinus 1e-4)
                    beyond[cell] shouldBe (sum(answers, cell) - sum(foils, cell) plusOrMinus 1e-6)
                    val best = max(logits.getValue(" x0")[cell], logits.getValue(" x1")[cell])
                    right[cell] shouldBe (if (foils.all { logits.getValue(it)[cell] < best }) 1.0 else 0.0)
                }
            }
        }
        test("a filter keeps a contrast if any of its answers is likely enough") {
            HookedModel.open(tinyLlama).use { model ->
                fun keeps(
                    answers: List<String>,
                    rank: Int,
                ): Boolean =
                    runCatching {
                        tinyStudy(model) {
                            inference(controls = false)
                            val set =
                                contrasts { contrast("the [b] is in", answers, "the [c] is in", listOf(" q")) }
                                    .filter(knows(rank = rank, corruptedToo = false))
                            val swept by sweep(set, logitDifference) { each(listOf(0), "n") { ablate(Head(0, 0)) } }
                        }.run(model)
                    }.isSuccess

                fun rank(answers: List<String>): Int = (1..model.config().vocabulary()).first { keeps(answers, it) }
                val ranks = listOf(" x0", " x1", " x2").map { rank(listOf(it)) }
                ranks.distinct().size shouldBeGreaterThan 1
                rank(listOf(" x0", " x1", " x2")) shouldBe ranks.min()
            }
        }
        test("a contrast prefers its answers if their mean logit is above the foils'") {
            HookedModel.open(tinyLlama).use { model ->
                val answers = listOf(" x0", " x1")
                val margin =
                    tinyStudy(model) {
                        inference(controls = false)
                        val set = contrasts { contrast("the [b] is in", answers, "the [c] is in", listOf(" y0")) }
                        val swept by sweep(set, logitDifference) { each(listOf(0), "n") { ablate(Head(0, 0)) } }
                    }.run(model).named("swept").baseline.getValue("clean").single()!!

                fun keeps(least: Double): Boolean =
                    runCatching {
                        tinyStudy(model) {
                            inference(controls = false)
                            val set =
                                contrasts { contrast("the [b] is in", answers, "the [c] is in", listOf(" y0")) }
                                    .filter(prefersAnswer(margin = least))
                            val swept by sweep(set, logitDifference) {
                                each(listOf(0), "n") { ablate(Head(0, 0)) }
                            }
                        }.run(model)
                    }.isSuccess
                keeps(margin - 1e-3) shouldBe true
                keeps(margin + 1e-3) shouldBe false
            }
        }
    })
