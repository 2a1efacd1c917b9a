package dev.kausal.run

import dev.kausal.dsl.ContrastsScope
import dev.kausal.dsl.ablate
import dev.kausal.dsl.accuracy
import dev.kausal.dsl.attributionGraph
import dev.kausal.dsl.clean
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.facts
import dev.kausal.dsl.gradient
import dev.kausal.dsl.integratedGradients
import dev.kausal.dsl.kl
import dev.kausal.dsl.logit
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.metric
import dev.kausal.dsl.mistakes
import dev.kausal.dsl.patch
import dev.kausal.dsl.recovery
import dev.kausal.dsl.relp
import dev.kausal.dsl.script
import dev.kausal.dsl.sweep
import dev.kausal.dsl.top
import dev.kausal.engine.model.HookedModel
import dev.kausal.spec.EstimateSpec
import dev.kausal.spec.Result
import dev.kausal.statistics.Shares
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.serialization.json.Json
import kotlin.math.abs

/** Sweeps that are estimated from gradients, and the exact numbers beside them. */
class EstimatedSweepTest :
    FunSpec({
        val model = HookedModel.open(tinyLlama)
        afterSpec { model.close() }

        test("an estimate has the shape of the sweep, its baselines, and no p") {
            val results = study(model).run(model)
            val exact = results.named("exact")
            val estimate = results.named("estimate")
            estimate.axes shouldBe exact.axes
            estimate.shape shouldBe exact.shape
            estimate.estimate shouldBe EstimateSpec.Gradient()
            estimate.baseline.keys shouldBe exact.baseline.keys
            estimate.baseline.getValue("clean").zip(exact.baseline.getValue("clean")).forEach { (a, b) ->
                a!! shouldBe (b!! plusOrMinus 1e-5)
            }
            estimate.pValue.filterNotNull() shouldBe emptyList()
            estimate.pCorrected.filterNotNull() shouldBe emptyList()
            exact.estimate shouldBe null
            changed(estimate) shouldBeGreaterThan 0.0
            estimate.audit!!.fired shouldBe exact.audit!!.fired
            estimate.controls.mapNotNull { it.passed }.all { it } shouldBe true
        }

        test("rules and paths give other numbers, and say what they are") {
            val results = study(model).run(model)
            val names = listOf("estimate", "path", "relpEstimate", "direct")
            names.map { results.named(it).perExample }.distinct().size shouldBe names.size
            results.named("path").estimate shouldBe EstimateSpec.IntegratedGradients(3)
            val json = Json.encodeToString(EstimateSpec.serializer(), results.named("path").estimate!!)
            json shouldBe """{"by":"integratedGradients","steps":3}"""
            Json.encodeToString(EstimateSpec.serializer(), EstimateSpec.Gradient()) shouldBe """{"by":"gradient"}"""
        }

        test("a screened sweep has the exact numbers of its top and of a sample, and how they agree") {
            val results = study(model).run(model)
            val exact = results.named("exact")
            val screened = results.named("screened")
            val screening = screened.screening.shouldNotBeNull()
            screened.perExample.flatten().zip(results.named("estimate").perExample.flatten()).forEach { (a, b) ->
                a!! shouldBe (b!! plusOrMinus 1e-5)
            }
            val computed = (screening.top + screening.sampled).toSet()
            screened.exact!!.zip(exact.perExample).forEach { (found, all) ->
                found.indices.forEach { cell ->
                    if (cell in
                        computed
                    ) {
                        found[cell]!! shouldBe (all[cell]!! plusOrMinus 1e-4)
                    } else {
                        found[cell] shouldBe null
                    }
                }
            }
            screening.top.size shouldBe 3
            screening.sampled.size shouldBe 4
            screening.others shouldBe exact.mean.size - 3
            val changes = screened.mean.map {
                abs(it!! - screened.baseline.getValue("clean").filterNotNull().average())
            }
            changes.sortedDescending().take(3).zip(screening.top).forEach { (size, cell) ->
                changes[cell] shouldBe (size plusOrMinus 1e-9)
            }
            val missed = screening.missed.shouldNotBeNull()
            missed.share shouldBe Shares.atMost(missed.above, 4, 0.95)
            screening.ofTop.cells shouldBe 3
            same(study(model).run(model).named("screened"), screened)
        }

        test("estimates by other rules have parts of the journal of their own") {
            val study =
                tinyStudy(model) {
                    val set = contrasts { even() }
                    val one by sweep(set, logitDifference, by = gradient) { each(heads) { ablate(it) } }
                    val two by sweep(set, logit, by = gradient) { each(heads) { ablate(it) } }
                    val three by sweep(set, logitDifference, by = gradient(relp)) { each(heads) { ablate(it) } }
                    val four by sweep(set, logit, by = gradient(relp)) { each(heads) { ablate(it) } }
                }
            val alone = study.run(model)
            val kept = study.run(model, journal = Remembering())
            for (name in listOf("one", "two", "three", "four")) {
                kept.named(name).perExample.flatten().zip(alone.named(name).perExample.flatten()).forEach { (a, b) ->
                    a!! shouldBe (b!! plusOrMinus 1e-5)
                }
            }
            val apart = kept.named("one").mean.zip(kept.named("three").mean).maxOf { (a, b) -> abs(a!! - b!!) }
            apart shouldBeGreaterThan 1e-4
        }

        test("recoveries are estimated too") {
            val result = study(model).run(model).named("recovered")
            result.estimate shouldBe EstimateSpec.Gradient()
            result.exact!!.size shouldBe result.examples.size
        }

        test("what has no gradient or no path is refused") {
            val found = script { lm ->
                val set = contrasts { words() }
                val one by sweep(set, accuracy, by = gradient) { each(heads) { ablate(it) } }
                val own = metric("largest") { logits -> logits.max().getFloat().toDouble() }
                val two by sweep(set, own, by = integratedGradients(2)) { each(heads) { ablate(it) } }
                val three by sweep(set, kl, by = gradient) { each(heads) { ablate(it) } }
                val four by sweep(set, logitDifference, by = integratedGradients(0)) { each(heads) { ablate(it) } }
                val five by sweep(set, logitDifference, exact = top(3)) { each(heads) { ablate(it) } }
                val six by sweep(set, logitDifference, by = gradient, exact = top(0)) { each(heads) { ablate(it) } }
            }.mistakes(facts()).joinToString("\n") { it.message }
            found shouldContain "the metric accuracy has no gradient, as it is a step"
            found shouldContain "the metric largest has no gradient, as it is a function of the script"
            found shouldContain "its gradient there is 0"
            found shouldContain "number of steps"
            found shouldContain "computes some cells of an estimate"
            found shouldContain "number of top"
            found shouldContain "and 5 more differ"
        }
    })

private fun changed(result: Result): Double {
    val base = result.baseline.getValue("clean")
    return result.perExample.zip(base).maxOf { (row, unedited) -> row.maxOf { abs(it!! - unedited!!) } }
}

private fun same(
    a: Result,
    b: Result,
) {
    a.screening!!.top shouldBe b.screening!!.top
    a.screening!!.sampled shouldBe b.screening!!.sampled
}

private fun study(model: HookedModel) =
    tinyStudy(model) {
        val set = contrasts { even() }
        val exact by sweep(set, logitDifference) { each(heads) { ablate(it) } }
        val estimate by sweep(set, logitDifference, by = gradient) { each(heads) { ablate(it) } }
        val path by sweep(set, logitDifference, by = integratedGradients(3)) { each(heads) { ablate(it) } }
        val relpEstimate by sweep(set, logitDifference, by = gradient(relp)) { each(heads) { ablate(it) } }
        val direct by sweep(set, logitDifference, by = gradient(attributionGraph)) { each(heads) { ablate(it) } }
        val screened by sweep(set, logitDifference, by = gradient, exact = top(3, sample = 4)) {
            each(heads) { ablate(it) }
        }
        val recovered by sweep(set, recovery(logitDifference), by = gradient, exact = top(2, sample = 2)) {
            each(heads) { head -> patch(from = clean, to = corrupted, head) }
        }
    }

private val names = listOf("tower", "bridge", "castle", "river", "garden")

/** Prompts of one length. */
private fun ContrastsScope.even() =
    names.forEachIndexed { i, name ->
        val other = names[(i + 1) % names.size]
        contrast(
            clean = "the [$name] is in the city of",
            answer = " x$i",
            corrupted = "the [$other] is in the city of",
            foil = " y$i",
        )
    }
