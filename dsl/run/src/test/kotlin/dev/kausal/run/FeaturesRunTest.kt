package dev.kausal.run

import ai.djl.ndarray.NDArray
import ai.djl.ndarray.NDScope
import ai.djl.ndarray.index.NDIndex
import ai.djl.ndarray.types.Shape
import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.ExperimentScope
import dev.kausal.dsl.FakeTokenizer
import dev.kausal.dsl.Model
import dev.kausal.dsl.ablate
import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.dsl.bind.ModelFacts
import dev.kausal.dsl.capture
import dev.kausal.dsl.clamp
import dev.kausal.dsl.featureActivations
import dev.kausal.dsl.featureAttribution
import dev.kausal.dsl.features
import dev.kausal.dsl.gradient
import dev.kausal.dsl.hook
import dev.kausal.dsl.inTestFile
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.script
import dev.kausal.dsl.steer
import dev.kausal.dsl.sweep
import dev.kausal.dsl.top
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.engine.features.Dictionary
import dev.kausal.engine.features.DictionaryFile
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.model.ModelSource
import dev.kausal.engine.tensor.Device
import dev.kausal.engine.tensor.Torch
import dev.kausal.engine.weights.SafetensorsWriter
import dev.kausal.engine.weights.SafetensorsWriter.Tensor
import dev.kausal.spec.Result
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import java.nio.file.Files
import java.nio.file.Path
import kotlin.math.abs

private val resources: Path = Path.of("../../engine/src/test/resources")
private val tinyGpt2: Path = resources.resolve("tiny/gpt2")

private fun dictionary(name: String) = resources.resolve("dictionaries/$name")

/** Binds [words] to the tiny GPT-2, for which the test dictionaries were made. */
private fun study(words: ExperimentScope.(Model<CausalLm>) -> Unit): BoundExperiment =
    ModelSource.open(tinyGpt2).use { source ->
        val facts = ModelFacts.of("tiny", source).copy(tokenizer = FakeTokenizer())
        inTestFile { script { model -> withoutInference().also { words(model) } }.bind(facts) }
    }

/** Features of dictionaries in runs of a tiny model, against the same edits written by hand. */
class FeaturesRunTest :
    FunSpec({
        val model = HookedModel.open(tinyGpt2)
        afterSpec { model.close() }

        for (name in listOf("topk", "gated", "layer-norm", "hook-z")) {
            test("ablated and steered features of $name are those of the decoder, with the error kept") {
                val path = dictionary(name)
                DictionaryFile.open(path).use { file ->
                    file.load(Device.CPU).use { by ->
                        val site = file.config().site().get()
                        val most = study { _ ->
                            val active by featureActivations(tinyPairs(3), features("$path"), top = 1)
                        }.run(model).named("active")
                        val active = most.axes.single().labels.single().toInt()
                        val bound = study { lm ->
                            val set = tinyPairs(3)
                            val sae = features("$path")
                            val at = if (site.endsWith("_z")) lm.blocks[0].attn.z else lm.blocks[1].residPre
                            val ablated by sweep(set, logitDifference) { each(sae.features(active, 3)) { ablate(it) } }
                            val moved by sweep(set, logitDifference) {
                                each(listOf(1, 2), "way") { way ->
                                    if (way == 1) steer(sae.feature(active), 2.5) else clamp(sae.feature(active), 2.5)
                                }
                            }
                            val byHand by sweep(set, logitDifference) {
                                each(listOf("ablate", "other", "steer", "clamp"), "edit") { edit ->
                                    hook(at) { x -> byHand(by, x, if (edit == "other") 3 else active, edit) }
                                }
                            }
                        }
                        val found = bound.run(model)
                        val expected = found.named("byHand").perExample
                        same(found.named("ablated").perExample, expected.map { it.take(2) })
                        same(found.named("moved").perExample, expected.map { it.drop(2) })
                        same(bound.run(model, PlainExecutor()).named("ablated").perExample, expected.map { it.take(2) })
                        largestChange(found.named("ablated"), 0) shouldBeGreaterThan 1e-3
                    }
                }
            }
        }

        for (name in listOf("circuit-tracer/layer_1.safetensors", "skip-transcoder")) {
            test("edited features of $name are read before the MLP and written after it") {
                val path = dictionary(name)
                DictionaryFile.open(path).use { file ->
                    file.load(Device.CPU).use { by ->
                        val layer = if (name == "skip-transcoder") 0 else 1
                        val active = study { _ ->
                            val active by featureActivations(tinyPairs(3), features("$path"), top = 1)
                        }.run(model).named("active").axes.single().labels.single().toInt()
                        val edits = listOf("ablate", "steer", "clamp")

                        fun edit(
                            of: dev.kausal.dsl.Dictionary,
                            kind: String,
                        ) = of.feature(active).let {
                            when (kind) {
                                "ablate" -> ablate(it)
                                "steer" -> steer(it, 2.5)
                                else -> clamp(it, 2.5)
                            }
                        }
                        val bound = study { lm ->
                            val set = tinyPairs(3)
                            val coder = features("$path")
                            val found by sweep(set, logitDifference) { each(edits, "edit") { edit(coder, it) } }
                            val share by featureAttribution(set, coder, logitDifference, top = 32)
                            val estimated by sweep(set, logitDifference, by = gradient) {
                                each(edits, "edit") { edit(coder, it) }
                            }
                        }
                        val expected = study { lm ->
                            val set = tinyPairs(3)
                            val block = lm.blocks[layer]
                            val byHand by sweep(set, logitDifference) {
                                each(edits, "edit") { edit ->
                                    var read: NDArray? = null
                                    hook(if (layer == 0) block.mlpIn else block.residMid) { x ->
                                        x.also { read = x.duplicate().also { NDScope.unregister(it) } }
                                    } + hook(block.mlpOut) { x -> spliced(by, x, read!!, active, edit) }
                                }
                            }
                        }.run(model, PlainExecutor()).named("byHand")
                        val found = bound.run(model)
                        same(found.named("found").perExample, expected.perExample)
                        same(bound.run(model, PlainExecutor()).named("found").perExample, expected.perExample)
                        largestChange(found.named("found"), 1) shouldBeGreaterThan 1e-3
                        // To first order, an ablation takes away what the feature is attributed.
                        val share = found.named("share")
                        val column = share.axes.single().labels.indexOf("$active")
                        val clean = found.named("estimated").baseline.getValue("clean")
                        found.named("estimated").perExample.forEachIndexed { i, row ->
                            clean[i]!! - row[0]!! shouldBe (share.perExample[i][column]!! plusOrMinus 1e-4)
                        }
                    }
                }
            }
        }

        test("a reconstruction without an error recovers all of the loss, another one does not") {
            val folder = Files.createTempDirectory("basis")
            basis(folder, 20)
            val use = study { _ -> val active by featureActivations(tinyPairs(3), features("$folder"), top = 2) }
                .run(model).named("active").use!!.loss!!
            use.spliced shouldBe (use.clean plusOrMinus 1e-5)
            use.recovered!! shouldBe (1.0 plusOrMinus 1e-3)
            use.zeroed shouldNotBe use.clean
            val partly = study { _ ->
                val coder = features("${dictionary("circuit-tracer/layer_1.safetensors")}")
                val active by featureActivations(tinyPairs(3), coder, top = 2)
            }.run(model).named("active").use!!.loss!!
            partly.clean shouldBe (use.clean plusOrMinus 1e-9)
            partly.spliced shouldNotBe partly.clean
            partly.tokens shouldBe use.tokens
        }

        test("the strongest features, their tokens, and the reconstruction are those of the captured activations") {
            val bound = study { lm ->
                val set = tinyPairs(3)
                val sae = features("${dictionary("jumprelu")}")
                val active by featureActivations(set, sae, top = 6, strongest = 2, skip = 1)
                val chosen by featureActivations(set, sae, only = sae.features(4, 2))
                val stream by capture(set, lm.blocks[1].residPre)
            }
            val found = bound.run(model)
            val dictionary = bound.spec.dictionaries.single()
            dictionary.site shouldBe "blocks.1.hook_resid_pre"
            dictionary.encoding shouldBe "JumpReLU"
            val rows = found.named("stream").perExample.map { row -> FloatArray(row.size) { row[it]!!.toFloat() } }
            val read = encoded(dictionary("jumprelu"), rows)
            val active = found.named("active")
            val largest = read.map { (features, _) -> (0..31).map { f -> features.drop(1).maxOf { it[f] }.toDouble() } }
            val order = (0..31).sortedByDescending { f -> largest.sumOf { it[f] } }.take(6)
            active.axes.single().labels shouldContainExactly order.map { "$it" }
            same(active.perExample, largest.map { row -> order.map { row[it] } })
            val named = read.map { (rows, _) -> listOf(4, 2).map { i -> rows.maxOf { it[i] }.toDouble() } }
            same(found.named("chosen").perExample, named)
            val use = active.use!!
            val kept = read.flatMap { (features, _) -> features.drop(1) }
            use.positions shouldBe kept.size
            use.active shouldBe (kept.sumOf { row -> row.count { it > 0 } }.toDouble() / kept.size plusOrMinus 1e-9)
            val errors = read.flatMap { (_, errors) -> errors.drop(1) }
            val squares = errors.sumOf { row -> row.sumOf { it.toDouble() * it } }
            use.meanSquaredError shouldBe (squares / kept.size / 20 plusOrMinus 1e-5)
            use.explained!! shouldBe (1 - squares / variance(rows) plusOrMinus 1e-4)
            val strongest = use.features.first()
            strongest.share shouldBe (kept.count { it[strongest.feature] > 0 }.toDouble() / kept.size plusOrMinus 1e-9)
            strongest.strongest.map { it.activation.toFloat() } shouldContainExactly
                largest.map { it[strongest.feature].toFloat() }.sortedDescending().take(2)
            val token = strongest.strongest.first()
            val example = active.examples.indexOf(token.example)
            val own = read[example].first[token.position][strongest.feature]
            own.toDouble() shouldBe (token.activation plusOrMinus 1e-5)
        }

        test("a constructed feature is found first, and the stream's own basis has no error") {
            val folder = Files.createTempDirectory("basis")
            basis(folder, 20)
            val found = study { lm ->
                val set = tinyPairs(3)
                val sae = features("$folder")
                val active by featureActivations(set, sae, top = 40)
                val stream by capture(set, lm.blocks[1].residPre)
                val share by featureAttribution(set, sae, logitDifference, top = 40)
            }.run(model)
            val use = found.named("active").use!!
            use.meanSquaredError shouldBeLessThan 1e-10
            use.active shouldBe (20.0 plusOrMinus 1e-9)
            // Feature i is entry i of the stream, and feature 20 + i is minus that.
            val stream = found.named("stream").perExample
            val largest = (0 until 40).maxBy { f ->
                val sign = if (f < 20) 1 else -1
                stream.sumOf { row -> row.indices.filter { it % 20 == f % 20 }.maxOf { row[it]!! * sign } }
            }
            found.named("active").axes.single().labels.first() shouldBe "$largest"
        }

        test("an attribution is what the estimate of each ablation takes away, and its top is ablated by number") {
            val found = study { _ ->
                val set = tinyPairs(3)
                val sae = features("${dictionary("standard")}")
                val share by featureAttribution(set, sae, logitDifference, top = 4)
                val ablated by sweep(set, logitDifference) { each(share.top(3)) { ablate(it) } }
                val all by sweep(set, logitDifference, by = gradient) { each(sae.features(0..31)) { ablate(it) } }
                val together by sweep(set, logitDifference) { each(listOf(1, 2), "k") { ablate(share.top(it)) } }
            }.run(model)
            val share = found.named("share")
            val all = found.named("all")
            val features = share.axes.single().labels.map { it.toInt() }
            val clean = all.baseline.getValue("clean")
            share.perExample.forEachIndexed { example, row ->
                row.forEachIndexed { i, value ->
                    val estimated = clean[example]!! - all.perExample[example][features[i]]!!
                    value!! shouldBe (estimated plusOrMinus 1e-4)
                }
            }
            val means = (0..31).map { cell -> clean.indices.map { clean[it]!! - all.perExample[it][cell]!! }.average() }
            features shouldContainExactly means.indices.sortedByDescending { abs(means[it]) }.take(4)
            found.named("ablated").axes.single().labels shouldContainExactly
                features.take(3).mapIndexed { rank, feature -> "${rank + 1} (feature $feature)" }
            found.named("together").chosen.last().units shouldContainExactly features.take(2).map { "$it" }
            share.use!!.active shouldBeGreaterThan 1.0
        }
    })

private fun largestChange(
    result: Result,
    cell: Int,
): Double {
    val clean = result.baseline.getValue("clean")
    return result.perExample.indices.maxOf { abs(result.perExample[it][cell]!! - clean[it]!!) }
}

private fun same(
    found: List<List<Double?>>,
    expected: List<List<Double?>>,
) {
    found.flatten().zip(expected.flatten()).filter { (a, b) -> abs(a!! - b!!) > 1e-5 }.shouldBeEmpty()
    found.flatten().size shouldBe expected.flatten().size
}

/** Splices the whole reconstruction with one feature changed, and the error. */
private fun byHand(
    by: Dictionary,
    x: NDArray,
    feature: Int,
    edit: String,
): NDArray {
    val rows = by.rows(x)
    val features = by.encode(rows)
    val error = rows.sub(by.decode(features, rows))
    val changed = features.duplicate()
    val column = NDIndex(":, {}", feature)
    when (edit) {
        "steer" -> changed.set(column, features.get(column).add(2.5f))
        "clamp" -> changed.set(column, 2.5f)
        else -> changed.set(column, 0f)
    }
    return by.decode(changed, rows).add(error).reshape(x.shape)
}

/** The MLP's output with one feature of a transcoder changed, everything else kept. */
private fun spliced(
    by: Dictionary,
    x: NDArray,
    read: NDArray,
    feature: Int,
    edit: String,
): NDArray {
    val rows = by.rows(read)
    val features = by.encode(rows)
    val changed = features.duplicate()
    val column = NDIndex(":, {}", feature)
    when (edit) {
        "steer" -> changed.set(column, features.get(column).add(2.5f))
        "clamp" -> changed.set(column, 2.5f)
        else -> changed.set(column, 0f)
    }
    val delta = by.decode(changed, rows).sub(by.decode(features, rows))
    return x.add(delta.reshape(x.shape)).also { read.close() }
}

/** Features and errors of each example's rows of 20 numbers. */
private fun encoded(
    path: Path,
    examples: List<FloatArray>,
): List<Pair<List<FloatArray>, List<FloatArray>>> =
    DictionaryFile.open(path).use { file ->
        file.load(Device.CPU).use { by ->
            Torch.manager().use { manager ->
                examples.map { numbers ->
                    NDScope().use {
                        val x = manager.create(numbers, Shape(numbers.size / 20L, 20))
                        val features = by.encode(x)
                        rowsOf(features, 32) to rowsOf(x.sub(by.decode(features, x)), 20)
                    }
                }
            }
        }
    }

private fun rowsOf(
    array: NDArray,
    width: Int,
): List<FloatArray> {
    val all = array.toFloatArray()
    return List(all.size / width) { all.copyOfRange(it * width, (it + 1) * width) }
}

/** The sum of squares around the mean of all rows but each example's first. */
private fun variance(examples: List<FloatArray>): Double {
    val rows = examples.flatMap { all -> List(all.size / 20) { all.copyOfRange(it * 20, (it + 1) * 20) }.drop(1) }
    val means = DoubleArray(20) { entry -> rows.sumOf { it[entry].toDouble() } / rows.size }
    return rows.sumOf { row -> row.indices.sumOf { (row[it] - means[it]) * (row[it] - means[it]) } }
}

/** Writes a dictionary whose features are the entries of the stream and their negatives, in SAELens's layout. */
private fun basis(
    folder: Path,
    width: Int,
) {
    val encoder = FloatArray(width * 2 * width)
    val decoder = FloatArray(2 * width * width)
    for (i in 0 until width) {
        encoder[i * 2 * width + i] = 1f
        encoder[i * 2 * width + width + i] = -1f
        decoder[i * width + i] = 1f
        decoder[(width + i) * width + i] = -1f
    }
    val long = width.toLong()
    val tensors =
        listOf(
            Tensor("W_enc", longArrayOf(long, 2 * long), encoder),
            Tensor("W_dec", longArrayOf(2 * long, long), decoder),
            Tensor("b_enc", longArrayOf(2 * long), FloatArray(2 * width)),
            Tensor("b_dec", longArrayOf(long), FloatArray(width)),
        )
    SafetensorsWriter.write(folder.resolve("sae_weights.safetensors"), tensors, SafetensorsWriter.Precision.F32)
    val cfg = """{"architecture": "standard", "d_in": $width, "d_sae": ${2 * width}, "apply_b_dec_to_input": false,
        "metadata": {"sae_lens_version": "6.0.0", "hook_name": "blocks.1.hook_resid_pre"}}"""
    Files.writeString(folder.resolve("cfg.json"), cfg)
}
