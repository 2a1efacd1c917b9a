package dev.kausal.run

import dev.kausal.dsl.During
import dev.kausal.dsl.Head
import dev.kausal.dsl.TokenChoice
import dev.kausal.dsl.ablate
import dev.kausal.dsl.clean
import dev.kausal.dsl.containsAnswer
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.generate
import dev.kausal.dsl.hook
import dev.kausal.dsl.likeliest
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.patch
import dev.kausal.dsl.sampled
import dev.kausal.dsl.sweep
import dev.kausal.dsl.top
import dev.kausal.engine.exec.BatchedExecutor
import dev.kausal.engine.model.HookedModel
import dev.kausal.run.backend.LocalBackend
import dev.kausal.run.context.AnalysisProgress
import dev.kausal.spec.GeneratedText
import dev.kausal.spec.Result
import dev.kausal.spec.Stopped
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain

/** Texts of a run, against the model's own passes over the same tokens. */
class GenerationRunTest :
    FunSpec({
        val model = HookedModel.open(tinyLlama)
        afterSpec { model.close() }

        test("texts are the likeliest tokens of whole passes, and their numbers the mean log probability") {
            val study = tinyStudy(model) {
                val set = tinyPairs(3)
                val plain by generate(set, tokens = 6)
            }
            val result = study.run(model).named("plain")
            result.axes.single().labels shouldBe listOf("unedited")
            result.audit shouldBe null
            val prompts = study.spec.contrasts.single().contrasts.map { it.clean.ids }
            prompts.forEachIndexed { example, prompt ->
                val text = result.texts!![example].single().single()
                text.stopped shouldBe Stopped.Length
                var ids = prompt
                text.ids.forEachIndexed { i, token ->
                    val logs = logProbabilities(model, ids)
                    logs.indices.maxBy { logs[it] } shouldBe token
                    text.logProbabilities[i] shouldBe (logs[token].toDouble() plusOrMinus 2e-5)
                    ids = ids + token
                }
                result.perExample[example].single()!! shouldBe (text.logProbabilities.average() plusOrMinus 1e-9)
            }
        }

        test("progress counts tokens within texts that are written together") {
            val steps = mutableListOf<Int>()
            var total = 0
            val study = tinyStudy(model) {
                val set = tinyPairs(3)
                val plain by generate(set, tokens = 6)
            }
            val counted = object : AnalysisProgress by Silence {
                override fun begin(
                    name: String,
                    cells: Int,
                ) {
                    if (name == "plain") total = cells
                }

                override fun done(done: Int) {
                    steps += done
                }
            }
            ExperimentRunner(study.runnable(), LocalBackend(model, BatchedExecutor(1L shl 26))).run(counted)
            total shouldBe 18
            steps shouldBe listOf(3, 6, 9, 12, 15, 18)
        }

        test("variants have their edits, which are audited") {
            val results = tinyStudy(model) { lm ->
                val set = tinyPairs(2)
                val needed by sweep(set, logitDifference) { each(heads) { ablate(it) } }
                val heads by generate(set, tokens = 5, over = 0..2, label = "head", during = During.Answer) {
                    ablate(Head(1, it))
                }
                val chosen by generate(set, tokens = 5) { ablate(needed.top(2)) }
                val still by generate(set, tokens = 5) { hook(lm.blocks[0].attnOut) { x -> x } }
                val patched by generate(set, tokens = 5, during = During.Prompt) {
                    patch(from = corrupted, to = clean, 0)
                }
                val other by generate(set, tokens = 5, run = corrupted)
            }.run(model)
            val heads = results.named("heads")
            heads.axes.single().labels shouldBe listOf("unedited", "head 0", "head 1", "head 2")
            heads.cellAudit!!.fired shouldBe listOf(0, 2, 2, 2)
            heads.audit!!.unchanged shouldBe 0
            heads.cellAudit!!.largestChange[0] shouldBe 0.0
            (heads.logs(1) == heads.logs(0)) shouldBe false
            results.named("chosen").chosen.single().units.size shouldBe 2
            val still = results.named("still")
            still.tokens(1) shouldBe still.tokens(0)
            still.audit!!.unchanged shouldBe 2
            still.notes.joinToString() shouldContain "all texts are the unedited ones"
            // All of the first layer's input comes from the other prompt, so the text is that of the other prompt.
            val patched = results.named("patched")
            patched.tokens(1) shouldBe results.named("other").tokens(0)
            patched.tokens(0) shouldNotBe patched.tokens(1)
        }

        test("sampled texts depend on the seed, the prompt and the draw alone") {
            fun texts(choice: TokenChoice) = tinyStudy(model) {
                val set = tinyPairs(2)
                val drawn by generate(set, tokens = 6, choice = choice) { ablate(Head(0, 0)) }
            }.run(model).named("drawn").texts!!
            val first = texts(sampled(samples = 3, seed = 5))
            texts(sampled(samples = 3, seed = 5)) shouldBe first
            first[0][0].size shouldBe 3
            (first[0][0].map { it.ids }.distinct().size > 1) shouldBe true
            val more = texts(sampled(samples = 4, seed = 5))
            more[0][0].take(3).map { it.ids } shouldBe first[0][0].map { it.ids }
            texts(sampled(samples = 3, seed = 6))[0][0].map { it.ids } shouldNotBe first[0][0].map { it.ids }
            texts(likeliest)[0][0].size shouldBe 1
        }

        test("scores are shares with intervals") {
            val result = tinyStudy(model) {
                val set = tinyPairs(8)
                val right by generate(set, tokens = 4, score = containsAnswer) { ablate(Head(0, 0)) }
            }.run(model).named("right")
            result.metric shouldBe "texts with the answer"
            result.perExample.flatten().distinct() shouldBe listOf(0.0)
            result.inference shouldNotBe null
        }
    })

private fun Result.tokens(variant: Int): List<List<Int>> = of(variant) { it.ids }

private fun Result.logs(variant: Int): List<List<Double>> = of(variant) { it.logProbabilities }

private fun <T> Result.of(
    variant: Int,
    what: (GeneratedText) -> T,
): List<T> = texts!!.map { what(it[variant].single()) }

private fun logProbabilities(
    model: HookedModel,
    ids: List<Int>,
): FloatArray =
    model.device().manager().use { manager ->
        model.lastLogits(listOf(ids.toIntArray()), model.noHooks(), manager).get(0).logSoftmax(0).toFloatArray()
    }
