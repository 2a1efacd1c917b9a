package dev.kausal.run

import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.ExperimentScope
import dev.kausal.dsl.FakeTokenizer
import dev.kausal.dsl.Head
import dev.kausal.dsl.Model
import dev.kausal.dsl.ablate
import dev.kausal.dsl.ablateEverywhere
import dev.kausal.dsl.add
import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.dsl.clean
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.facts
import dev.kausal.dsl.freeze
import dev.kausal.dsl.hook
import dev.kausal.dsl.inTestFile
import dev.kausal.dsl.last
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.mean
import dev.kausal.dsl.noise
import dev.kausal.dsl.patch
import dev.kausal.dsl.positionMean
import dev.kausal.dsl.randomVector
import dev.kausal.dsl.replace
import dev.kausal.dsl.script
import dev.kausal.dsl.steer
import dev.kausal.dsl.subject
import dev.kausal.dsl.sweep
import dev.kausal.dsl.times
import dev.kausal.dsl.vector
import dev.kausal.engine.exec.BatchedExecutor
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.tensor.Torch
import dev.kausal.spec.ModelShape
import dev.kausal.spec.Result
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import kotlinx.serialization.json.Json
import java.util.concurrent.ConcurrentHashMap
import kotlin.io.path.Path
import kotlin.io.path.readText
import kotlin.math.abs
import kotlin.math.sqrt

private const val CLEAN = "3 [17] 42 5 28 11"
private const val CORRUPTED = "3 [9] 42 5 30 11"
private val SENDER = Head(0, 2)
private val VECTOR = FloatArray(24) { (it - 11) / 7f }

/** Interventions that read edited runs, other sets and vectors, against PyTorch (bench/interventions.py) and the plain executor. */
class InterventionNumbersTest :
    FunSpec({
        val model = HookedModel.open(tinyLlama)
        afterSpec { model.close() }
        val text = Path("src/test/resources/interventions.json").readText()
        val expected = Json.decodeFromString<Map<String, Double>>(text)

        test("path patching, means over another set, and vectors are PyTorch's") {
            val study = numbers(model)
            val set = study.spec.analyses.first().contrasts
            study.spec.contrasts.first { it.name == set }.contrasts.first().clean.ids shouldBe
                listOf(3, 17, 42, 5, 28, 11)
            for (executor in listOf(PlainExecutor(), BatchedExecutor(1L shl 28), BatchedExecutor(50_000))) {
                val results = study.run(model, executor)
                results.named("path").baseline.getValue("clean")[0]!! shouldBe
                    (expected.getValue("unedited") plusOrMinus 1e-5)
                for (name in expected.keys - "unedited") {
                    withClue("$name, ${executor.name()}") {
                        results.named(name).perExample[0][0]!! shouldBe (expected.getValue(name) plusOrMinus 1e-5)
                    }
                }
            }
        }

        test("grids of edited runs, sets, vectors and hooks are the plain executor's, on any number of threads") {
            val study = grids(model)
            val plain = study.run(model, PlainExecutor())
            for ((threads, budget) in listOf(1 to (1L shl 28), 4 to (1L shl 28), 2 to 60_000L)) {
                Torch.threads(threads)
                val waves = study.run(model, BatchedExecutor(budget))
                plain.results.map { it.name }.forEach { name ->
                    withClue("$name, $threads threads, $budget bytes") { same(plain.named(name), waves.named(name)) }
                }
            }
            plain.named("routes").perExample.flatten().map { abs(it!!) }.distinct().size shouldNotBe 1
        }

        test("a hook is told its example, run, draw, tokens and positions") {
            val heard = ConcurrentHashMap.newKeySet<String>()
            val study =
                numeric(model) { lm ->
                    withoutInference()
                    val set = contrasts { numbers() }
                    val told by sweep(set, logitDifference) {
                        each(listOf(last, subject), "place") { place ->
                            hook(lm.blocks[1].residPre) { x, at ->
                                val token = at.tokens[at.positions.first]
                                heard += "${at.example} ${at.run} ${at.positions} $token ${at.point}"
                                x * (if (at.example == "one") 2f else 1f)
                            }.at(place)
                        }
                    }
                    val drawn by sweep(set, logitDifference) {
                        each(listOf(0), "n") {
                            hook(lm.blocks[1].residPre) { x, at -> x.also { heard += "${at.run} ${at.draw}" } }
                                .on(noise(subject, samples = 2)).at(0)
                        }
                    }
                }
            val told = study.run(model).named("told")
            heard.sorted() shouldContainExactly
                listOf(
                    "noised 0",
                    "noised 1",
                    "one clean 1..1  17 blocks.1.hook_resid_pre",
                    "one clean 5..5  11 blocks.1.hook_resid_pre",
                    "two clean 1..1  9 blocks.1.hook_resid_pre",
                    "two clean 5..5  30 blocks.1.hook_resid_pre",
                )
            told.cellAudit!!.unchanged shouldBe listOf(1, 1)
        }

        test("a random vector has its norm, and another direction for each prompt, site and seed") {
            val seen = HashMap<String, FloatArray>()
            val study =
                numeric(model) { lm ->
                    withoutInference()
                    val set = contrasts { numbers() }
                    val moved by sweep(set, logitDifference) {
                        each(values(listOf(0, 1), "layer"), values(listOf(1L, 2L, 1L), "seed")) { layer, seed ->
                            val site = lm.blocks[layer].mlpOut
                            replace(site, randomVector(norm = 3.0, seed = seed)) +
                                hook(site) { x, at ->
                                    val row = x.toFloatArray().copyOf(24)
                                    seen.merge("${at.example} $layer $seed", row) { a, b -> a.also { a shouldBe b } }
                                    x
                                }
                        }
                    }
                }
            study.run(model)
            seen.size shouldBe 8
            seen.values.map { it.toList() }.distinct().size shouldBe 8
            seen.values.forEach { row -> sqrt(row.sumOf { it.toDouble() * it }) shouldBe (3.0 plusOrMinus 1e-5) }
        }

        test("each example has its own vector, which the spec stores once") {
            val own = mapOf("one" to VECTOR, "two" to FloatArray(24) { 1f })
            val study =
                numeric(model) { lm ->
                    withoutInference()
                    val set = contrasts { numbers() }
                    val given by sweep(set, logitDifference) {
                        val each = vector { own.getValue(it.label) }
                        each(listOf(0, 1), "layer") { add(lm.blocks[it].mlpOut, each) }
                    }
                    val hooked by sweep(set, logitDifference) {
                        each(listOf(0, 1), "layer") { layer ->
                            hook(lm.blocks[layer].mlpOut) { x, at ->
                                x.add(x.manager.create(own.getValue(at.example)).reshape(1, 1, 24))
                            }
                        }
                    }
                }
            study.spec.vectors.size shouldBe 1
            val results = study.run(model)
            same(results.named("given"), results.named("hooked"))
        }
    })

private fun same(
    expected: Result,
    found: Result,
) {
    expected.perExample.flatten().zip(found.perExample.flatten()).forEach { (a, b) ->
        b!! shouldBe (a!! plusOrMinus 2e-5)
    }
}

private fun dev.kausal.dsl.ContrastsScope.numbers() {
    contrast(CLEAN, " 13", CORRUPTED, " 19", label = "one")
    contrast("3 [9] 42 5 28 30", " 19", "3 [17] 42 5 28 11", " 13", label = "two")
}

private fun ExperimentScope.reference() =
    prompts {
        prompt("7 8 9 10 11 12")
        prompt("20 21 22 23 24 25")
        prompt("33 4 31 4 32 4")
    }

/** A script whose words are the numbers of their tokens. */
private fun numeric(
    model: HookedModel,
    words: ExperimentScope.(Model<CausalLm>) -> Unit,
): BoundExperiment {
    val first = setOf(3, 7, 20, 33)
    val tokenizer = FakeTokenizer(emptyMap())
    (0..60).forEach { tokenizer.id(if (it in first) "$it" else " $it") }
    val config = model.config()
    val shape =
        ModelShape(
            config.layers(),
            config.heads(),
            config.keyValueHeads(),
            config.dModel(),
            config.dHead(),
            config.dMlp(),
            1000,
            config.context(),
        )
    return inTestFile { script(words).bind(facts(tokenizer = tokenizer, shape = shape)) }
}

private fun allHeads() = (0..2).flatMap { layer -> List(4) { Head(layer, it) } }

private fun numbers(model: HookedModel) =
    numeric(model) { lm ->
        withoutInference()
        val set = contrasts { numbers() }
        val others = reference()
        val path by sweep(set, logitDifference) {
            val sent = patch(corrupted, clean, SENDER) + freeze(allHeads() - SENDER)
            each(listOf(0), "n") { patch(clean.with(sent), clean, lm.blocks[2].attn.q.head(1)) }
        }
        val meanOf by sweep(set, logitDifference) {
            each(listOf(0), "n") { ablate(Head(1, 3), with = mean(of = others)) }
        }
        val positionMeanOf by sweep(set, logitDifference) {
            each(listOf(0), "n") { ablate(lm.blocks[1].mlpOut, with = positionMean(of = others)) }
        }
        val added by sweep(set, logitDifference) {
            each(listOf(0), "n") { add(lm.blocks[1].mlpOut, vector(VECTOR)).at(last) }
        }
        val projected by sweep(set, logitDifference) {
            each(listOf(0), "n") { ablate(lm.blocks[1].mlpOut, vector(VECTOR)) }
        }
        val everywhere by sweep(set, logitDifference) {
            each(listOf(0), "n") { ablateEverywhere(vector(VECTOR)) }
        }
        val exchanged by sweep(set, logitDifference) {
            each(listOf(0), "n") { patch(corrupted, clean, lm.blocks[1].residPre, vector(VECTOR)) }
        }
        val scaled by sweep(set, logitDifference) {
            each(listOf(0), "n") { steer(lm.blocks[2].residPre, vector(VECTOR), -1.5) }
        }
        val replaced by sweep(set, logitDifference) {
            each(listOf(0), "n") { replace(lm.blocks[2].attn.z.head(1), vector(VECTOR.copyOf(10))) }
        }
    }

private fun grids(model: HookedModel) =
    numeric(model) { lm ->
        val set = contrasts { numbers() }
        val others = reference()
        val routes by sweep(set, logitDifference) {
            each(values(allHeads().take(8), "sender"), values(listOf(0, 3), "receiver")) { sender, receiver ->
                val sent = patch(corrupted, clean, sender) + freeze(allHeads() - sender)
                val received = patch(clean.with(sent), clean, lm.blocks[2].attn.q.head(receiver))
                received + ablate(lm.blocks[1].mlpOut).at(last)
            }
        }
        val chained by sweep(set, logitDifference) {
            each(layers) { layer ->
                val first = clean.with(ablate(lm.blocks[0].mlpOut, with = mean(of = others)).at(subject))
                val second = corrupted.with(patch(first, corrupted, lm.blocks[1].attn.k).at(subject))
                patch(second, clean, layer.index, dev.kausal.dsl.residPost).at(last)
            }
        }
        val noised by sweep(set, logitDifference) {
            val run = noise(subject, samples = 2, deviation = 0.1)
            val held = run.with(ablate(lm.blocks[0].attnOut) + hook(lm.blocks[1].attn.scores) { x -> x * 0.5f })
            each(layers) { patch(held, run, it.index, dev.kausal.dsl.mlpOut).at(last) }
        }
        val vectors by sweep(set, logitDifference) {
            each(layers) {
                add(lm.blocks[it.index].residPre, randomVector(2.0)).at(subject) +
                    ablate(Head(1, 1), with = mean(of = others))
            }
        }
        val hooked by sweep(set, logitDifference) {
            each(layers) { l ->
                hook(lm.blocks[l.index].residMid) { x, at -> x * (0.5f + at.positions.first) }.at(subject)
            }
        }
    }
