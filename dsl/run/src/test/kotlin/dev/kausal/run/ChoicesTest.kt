package dev.kausal.run

import dev.kausal.dsl.Head
import dev.kausal.dsl.ablate
import dev.kausal.dsl.attention
import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.dsl.clean
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.facts
import dev.kausal.dsl.headDifference
import dev.kausal.dsl.highest
import dev.kausal.dsl.last
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.lowest
import dev.kausal.dsl.mistakes
import dev.kausal.dsl.mlpOut
import dev.kausal.dsl.patch
import dev.kausal.dsl.recovery
import dev.kausal.dsl.script
import dev.kausal.dsl.sweep
import dev.kausal.dsl.top
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.plan.Sizes
import dev.kausal.spec.Result
import dev.kausal.spec.SweepSpec
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.math.abs

/** Heads and layers that later analyses take from a result, against the same ones named by hand. */
class ChoicesTest :
    FunSpec({
        val model = HookedModel.open(tinyLlama)
        afterSpec { model.close() }

        test("ablating the top heads is ablating the heads that the result ranks highest") {
            val study = chosen(model)
            val results = study.run(model)
            val ranked = ranked(results.named("needed"))
            val named =
                tinyStudy(model) {
                    withoutInference()
                    val set = contrasts { words() }
                    val joint by sweep(set, logitDifference) {
                        each(listOf(1, 2, 3), "k") { k -> ablate(ranked.take(k).map { Head(it / 4, it % 4) }) }
                    }
                }
            val joint = results.named("joint")
            same(named.run(model).named("joint"), joint)
            joint.chosen.map { it.units } shouldBe (1..3).map { k -> ranked.take(k).map { "${it / 4}.${it % 4}" } }
            joint.notes.joinToString() shouldContain "measured on the same examples"
            joint.controls.isNotEmpty() shouldBe true
            joint.controls.mapNotNull { it.passed }.all { it } shouldBe true
            val spec = study.spec.analyses.first { it.name == "joint" } as SweepSpec
            spec.cells.flatMap { it.edits }.map { it.site }.distinct() shouldBe listOf("blocks.*.attn.hook_z")
            same(study.run(model, PlainExecutor()).named("joint"), joint)
        }

        test("layers are those of the top heads, or the top of a sweep over layers") {
            val results = chosen(model).run(model)
            val layers = ranked(results.named("needed")).take(2).map { "${it / 4}" }.distinct().sorted()
            results.named("looks").axes.first().labels shouldContainExactly layers
            val byLayer = results.named("byLayer")
            val base = byLayer.baseline.getValue("clean")
            val rows = byLayer.perExample
            val changes = (0..2).map { cell -> rows.indices.map { rows[it][cell]!! - base[it]!! }.average() }
            val best = changes.indices.maxBy { changes[it] }
            val alone = results.named("alone")
            alone.chosen.single().units shouldBe listOf("$best")
            alone.perExample.zip(byLayer.perExample).forEach { (a, b) -> a[0]!! shouldBe (b[best]!! plusOrMinus 1e-5) }
            results.named("read").chosen.single().choice.ranking shouldBe "differs"
        }

        test("a recovery that the clean run loses ranks heads by the loss, as its plain metric does") {
            val results =
                tinyStudy(model) {
                    withoutInference()
                    val set = contrasts { words() }
                    val kept by sweep(set, recovery(logitDifference)) {
                        each(heads) { patch(from = corrupted, to = clean, heads = listOf(it)).at(last) }
                    }
                    val plain by sweep(set, logitDifference) {
                        each(heads) { patch(from = corrupted, to = clean, heads = listOf(it)).at(last) }
                    }
                    val one by sweep(set, logitDifference) { each(listOf(1, 3), "k") { ablate(kept.top(it)) } }
                    val two by sweep(set, logitDifference) { each(listOf(1, 3), "k") { ablate(plain.top(it)) } }
                }.run(model)
            val units = results.named("one").chosen.map { it.units }
            units shouldBe results.named("two").chosen.map { it.units }
            units.last() shouldBe ranked(results.named("plain")).take(3).map { "${it / 4}.${it % 4}" }
        }

        test("a sweep over the top heads edits each alone, and its axis names them") {
            val study =
                tinyStudy(model) {
                    withoutInference()
                    val set = contrasts { words() }
                    val needed by sweep(set, logitDifference) { each(heads) { ablate(it) } }
                    val again by sweep(set, logitDifference) { each(needed.top(3)) { ablate(it) } }
                }
            val results = study.run(model)
            val ranked = ranked(results.named("needed")).take(3)
            val again = results.named("again")
            val units = ranked.map { "${it / 4}.${it % 4}" }
            again.axes.single().labels shouldBe units.mapIndexed { rank, unit -> "${rank + 1} ($unit)" }
            again.chosen.single().units shouldBe units
            again.notes.count {
                "strongest 3 of needed: heads ${ranked.joinToString { "L${it / 4}H${it % 4}" }}." in it
            } shouldBe
                1
            val alone = results.named("needed").perExample.map { row -> ranked.map { row[it] } }
            again.perExample.flatten().zip(alone.flatten()).forEach { (a, b) -> a!! shouldBe (b!! plusOrMinus 1e-5) }
            study.planText(model) shouldContain "again takes what needed ranks highest"
        }

        test("explain counts the cells, and says that their cost is the most that can be") {
            val text = chosen(model).planText(model)
            text shouldContain "joint takes what needed ranks highest, known once that has run"
            text shouldContain "looks takes what needed ranks highest"
        }

        test("what ranks no heads, numbers beyond the model, and choices that rest on choices are refused") {
            script { lm ->
                val set = contrasts { words() }
                val layerwise by sweep(set, logitDifference) { each(layers) { ablate(lm.blocks[it].mlpOut) } }
                val needed by sweep(set, logitDifference) { each(heads) { ablate(it) } }
                val one by sweep(set, logitDifference) { each(listOf(0)) { ablate(layerwise.top(2)) } }
                val two by sweep(set, logitDifference) { each(listOf(0)) { ablate(needed.top(0)) } }
                val three by attention(set, layerwise.top(5))
            }.mistakes(facts()).map { it.message } shouldContainExactly
                listOf(
                    "the ranking layerwise must be a sweep with each(heads), headDifference, or attentionMeasure of " +
                        "all heads; found a result that is not over heads",
                    "top must be 1 to 36; found 0",
                    "top must be 1 to 4; found 5",
                )
            script {
                val set = contrasts { words() }
                val needed by sweep(set, logitDifference) { each(heads) { ablate(it) } }
                val beside by sweep(set, logitDifference) {
                    each(heads) { ablate(it) + ablate(needed.top(1), site = mlpOut) }
                }
                val third by sweep(set, logitDifference) { each(listOf(0)) { ablate(beside.top(1)) } }
            }.mistakes(facts()).map { it.message } shouldContainExactly
                listOf(
                    "the ranking beside must be a result that does not; found one that takes heads or layers from " +
                        "another result itself",
                )
        }
    })

private fun same(
    expected: Result,
    found: Result,
) {
    expected.perExample.flatten().zip(found.perExample.flatten()).forEach { (a, b) ->
        b!! shouldBe (a!! plusOrMinus 1e-5)
    }
}

private fun BoundExperiment.planText(model: HookedModel): String =
    PlanSummary.of(spec, Sizes(model.config()), model.points(), 1L shl 28, 1, model.device().tuning()).text()

/** Cells of [result] from the largest mean change. */
private fun ranked(result: Result): List<Int> {
    val base = result.baseline.getValue("clean")
    val changes =
        result.mean.indices.map { cell ->
            result.perExample.indices.map { result.perExample[it][cell]!! - base[it]!! }.average()
        }
    return changes.indices.sortedByDescending { abs(changes[it]) }
}

private fun chosen(model: HookedModel) =
    tinyStudy(model) { lm ->
        val set = contrasts { words() }
        val needed by sweep(set, logitDifference) { each(heads) { ablate(it) } }
        val joint by sweep(set, logitDifference) { each(listOf(1, 2, 3), "k") { k -> ablate(needed.top(k)) } }
        val looks by attention(set, needed.top(2))
        val byLayer by sweep(set, logitDifference) { each(layers) { ablate(lm.blocks[it].mlpOut) } }
        val alone by sweep(set, logitDifference) {
            each(listOf(0), "n") { ablate(byLayer.top(1, order = highest), site = mlpOut) }
        }
        val differs by headDifference(set)
        val read by sweep(set, logitDifference) {
            each(listOf(0), "n") {
                val sent = clean.with(patch(corrupted, clean, differs.top(2, order = lowest)).at(last))
                patch(sent, clean, lm.finalNorm).at(last)
            }
        }
    }
