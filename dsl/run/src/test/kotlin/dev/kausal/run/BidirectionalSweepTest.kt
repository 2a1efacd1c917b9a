package dev.kausal.run

import dev.kausal.dsl.ExperimentScope
import dev.kausal.dsl.ImageClassifier
import dev.kausal.dsl.MaskedLm
import dev.kausal.dsl.TextClassifier
import dev.kausal.dsl.TokenClassifier
import dev.kausal.dsl.ablate
import dev.kausal.dsl.clean
import dev.kausal.dsl.cls
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.declared
import dev.kausal.dsl.distillation
import dev.kausal.dsl.image
import dev.kausal.dsl.imageFolder
import dev.kausal.dsl.kl
import dev.kausal.dsl.last
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.mask
import dev.kausal.dsl.mean
import dev.kausal.dsl.mlpOut
import dev.kausal.dsl.noise
import dev.kausal.dsl.on
import dev.kausal.dsl.pair
import dev.kausal.dsl.patch
import dev.kausal.dsl.patchAt
import dev.kausal.dsl.patches
import dev.kausal.dsl.probability
import dev.kausal.dsl.recovery
import dev.kausal.dsl.registers
import dev.kausal.dsl.subject
import dev.kausal.dsl.sweep
import dev.kausal.dsl.tinyFolder
import dev.kausal.engine.config.Input
import dev.kausal.engine.exec.BatchedExecutor
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.engine.hooks.Hooks
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.tensor.Torch
import dev.kausal.run.inputs.EngineInputs
import dev.kausal.run.inputs.readAt
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.Result
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.math.abs

private const val BUDGET = 1L shl 26

/** Logits [output] of an input at a position, without a plan. */
private fun HookedModel.logits(
    input: Input,
    position: Int,
): FloatArray = Torch.manager().use { outputsAt(input, position, Hooks(points()), it).toFloatArray() }

private fun Result.withoutNumbers(): Result =
    copy(
        perExample = emptyList(),
        plain = null,
        baseline = emptyMap(),
        mean = emptyList(),
        ciLow = emptyList(),
        ciHigh = emptyList(),
        pValue = emptyList(),
        pCorrected = emptyList(),
        median = emptyList(),
        standardError = emptyList(),
        change = null,
        effect = emptyList(),
        smallest = null,
        rounding = null,
        audit = null,
        cellAudit = null,
        controls = emptyList(),
    )

private fun compare(
    fast: Result,
    exact: Result,
) {
    fast.withoutNumbers() shouldBe exact.withoutNumbers()
    fast.controls.map { it.kind to it.passed } shouldBe exact.controls.map { it.kind to it.passed }
    fast.audit!!.run { cells to fired } shouldBe exact.audit!!.run { cells to fired }
    val differences =
        (fast.plain ?: fast.perExample).flatten().zip((exact.plain ?: exact.perExample).flatten()).map { (a, b) ->
            abs(a!! - b!!)
        }
    differences.max() shouldBe (0.0 plusOrMinus 2e-5)
}

/** Runs a script both ways on a tiny model; the results by name, from the plan, after comparing them. */
private fun both(
    model: String,
    folder: Path = Path.of(""),
    words: ExperimentScope.() -> Unit,
): Pair<Map<String, Result>, (Int, String) -> FloatArray> {
    val text = !model.contains("vit") && !model.contains("deit") && !model.startsWith("dino")
    val run =
        declared(folder, words).on(tinyFolder(model, "wordpiece-template".takeIf { text })) { bound, opened ->
            val fast = bound.run(opened, BatchedExecutor(BUDGET)).results
            val exact = bound.run(opened, PlainExecutor()).results
            fast.zip(exact).forEach { (a, b) -> compare(a, b) }
            val contrasts = bound.spec.contrasts.first().contrasts
            val inputs = EngineInputs(bound.inputs())
            val logits =
                contrasts.map { contrast ->
                    listOfNotNull(contrast.clean, contrast.corrupted).map { opened.logits(inputs.of(it), it.readAt) }
                }
            fast.associateBy { it.name } to logits
        }
    return run.first to { example, side -> run.second[example][if (side == "clean") 0 else 1] }
}

class BidirectionalSweepTest :
    FunSpec({
        for (model in listOf("bert-masked", "distilbert-masked")) {
            test("$model: the masked token's logit difference, ablated and patched") {
                var prompt: PromptSpec? = null
                val words: ExperimentScope.() -> Unit = {
                    val lm = model<MaskedLm>("tiny")
                    val facts =
                        contrasts(lm) {
                            contrast(
                                clean = "the [tower] is in [MASK].",
                                answer = "paris",
                                corrupted = "the [hall] is in [MASK].",
                                foil = "rome",
                            )
                            contrast("the [cat] sat on [MASK].", "mat", "the [dog] ran on [MASK].", "tree")
                        }
                    val needed by sweep(facts, logitDifference) { each(heads) { ablate(it) } }
                    val trace by sweep(facts, recovery(logitDifference)) {
                        each(layers, positions) { layer, at -> patch(clean, corrupted, layer).at(at) }
                    }
                    val places by sweep(facts, recovery(logitDifference)) {
                        each(listOf(cls, mask, subject, last), "place") { patch(clean, corrupted, 1, mlpOut).at(it) }
                    }
                    val whole by sweep(facts, recovery(logitDifference)) {
                        each(layers) { patch(clean, corrupted, it) }
                    }
                    report {
                        heatmap(needed)
                        heatmap(trace)
                        lines(places)
                        lines(whole)
                    }
                }
                val (results, logits) = both(model, words = words)
                prompt =
                    declared(words = words).on(tinyFolder(model)) { bound, _ ->
                        bound.spec.contrasts.single().contrasts[0].clean
                    }
                prompt.tokens shouldBe listOf("[CLS]", "the", "tower", "is", "in", "[MASK]", ".", "[SEP]")
                prompt.read shouldBe 5
                val trace = results.getValue("trace")
                trace.axes[1].labels[0] shouldBe "[CLS]"
                trace.axes[1].labels[5] shouldBe "[MASK]"
                // paris and rome are 19 and 20 in the tokenizer's vocabulary.
                val clean = logits(0, "clean")
                results.getValue("needed").baseline.getValue("clean")[0]!! shouldBe
                    ((clean[19] - clean[20]).toDouble() plusOrMinus 1e-5)
                results.getValue("whole").perExample.flatten().filterNotNull().forEach {
                    it shouldBe (1.0 plusOrMinus 1e-4)
                }
            }
        }

        test("pairs of sentences have types, and a text classifier has classes") {
            val (results, logits) =
                both("bert-classes") {
                    val lm = model<TextClassifier>("tiny")
                    val opinions =
                        contrasts(lm) {
                            contrast(
                                clean = pair("the film was [good].", "it is new"),
                                answer = "LABEL_0",
                                corrupted = pair("the film was [bad].", "it is new"),
                                foil = "label_2",
                            )
                        }
                    val trace by sweep(opinions, recovery(logitDifference)) {
                        each(layers, positions) { layer, at -> patch(clean, corrupted, layer).at(at) }
                    }
                    val other by sweep(opinions, kl) { each(heads) { ablate(it, with = mean) } }
                    report {
                        heatmap(trace)
                        heatmap(other)
                    }
                }
            val clean = logits(0, "clean")
            results.getValue("trace").baseline.getValue("clean").single()!! shouldBe
                ((clean[0] - clean[2]).toDouble() plusOrMinus 1e-5)
            results.getValue("other").perExample.single().any { it!! > 1e-9 } shouldBe true
        }

        test("a classifier of tokens answers at the marked word") {
            val (results, logits) =
                both("bert-tokens") {
                    val lm = model<TokenClassifier>("tiny")
                    val names =
                        contrasts(lm) {
                            contrast("the [tower] is in paris.", "LABEL_1", "the [hall] is in paris.", "LABEL_4")
                        }
                    val needed by sweep(names, logitDifference) { each(heads) { ablate(it) } }
                    val trace by sweep(names, recovery(logitDifference)) {
                        each(layers, positions) { layer, at -> patch(clean, corrupted, layer).at(at) }
                    }
                    report {
                        heatmap(needed)
                        heatmap(trace)
                    }
                }
            val clean = logits(0, "clean")
            clean.size shouldBe 5
            results.getValue("needed").baseline.getValue("clean").single()!! shouldBe
                ((clean[1] - clean[4]).toDouble() plusOrMinus 1e-5)
        }

        for (model in listOf("vit", "timm-deit-distilled", "timm-vit-avg-registers", "dinov2")) {
            test("$model: images, patched patch by patch") {
                val folder = imageFolder("a.png", "b.png")
                val places =
                    listOf(cls, patches, patchAt(1, 2)) +
                        listOfNotNull(
                            distillation.takeIf { model.endsWith("distilled") },
                            registers.takeIf { model.endsWith("registers") },
                        )
                val classes = if (model.startsWith("timm")) listOf("0", "2") else listOf("LABEL_0", "LABEL_2")
                val (results, logits) =
                    both(model, folder) {
                        val vit = model<ImageClassifier>("tiny")
                        val pairs =
                            contrasts(vit) {
                                contrast(image("a.png"), classes[0], image("b.png"), classes[1])
                            }
                        val trace by sweep(pairs, recovery(logitDifference)) {
                            each(layers, patchGrid) { layer, patch -> patch(clean, corrupted, layer).at(patch) }
                        }
                        val at by sweep(pairs, logitDifference) {
                            each(places, "place") { patch(clean, corrupted, 1).at(it) }
                        }
                        val needed by sweep(pairs, probability) { each(heads) { ablate(it) } }
                        val noised by sweep(pairs, recovery(logitDifference)) {
                            val run = noise(patches, samples = 2)
                            each(layers) { patch(clean, run, it) }
                        }
                        report { heatmap(trace) }
                    }
                val trace = results.getValue("trace")
                trace.axes.map { it.name } shouldBe listOf("layer", "row", "column")
                trace.shape shouldBe listOf(2, 3, 3)
                results.getValue("at").axes.single().labels shouldContain "patch 1,2"
                val clean = logits(0, "clean")
                results.getValue("at").baseline.getValue("clean").single()!! shouldBe
                    ((clean[0] - clean[2]).toDouble() plusOrMinus 1e-5)
                results.getValue("noised").perExample.flatten().forEach { it!! shouldBe (1.0 plusOrMinus 1e-4) }
            }
        }
    })
