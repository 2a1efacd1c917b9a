package dev.kausal.run

import dev.kausal.bundle.ArrayFolder
import dev.kausal.dsl.AlignmentSearchHandle
import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.Contrasts
import dev.kausal.dsl.ExperimentScope
import dev.kausal.dsl.Head
import dev.kausal.dsl.ablate
import dev.kausal.dsl.accuracy
import dev.kausal.dsl.add
import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.dsl.classDifference
import dev.kausal.dsl.clean
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.distributedAlignmentSearch
import dev.kausal.dsl.last
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.loss
import dev.kausal.dsl.patch
import dev.kausal.dsl.prefersAnswer
import dev.kausal.dsl.residPre
import dev.kausal.dsl.steer
import dev.kausal.dsl.subject
import dev.kausal.dsl.sweep
import dev.kausal.dsl.tinyFolder
import dev.kausal.dsl.unitNorm
import dev.kausal.dsl.vector
import dev.kausal.engine.exec.BatchedExecutor
import dev.kausal.engine.exec.Executor
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.engine.model.HookedModel
import dev.kausal.run.backend.LocalBackend
import dev.kausal.run.context.Journal
import dev.kausal.run.directions.FewPairsException
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import dev.kausal.spec.Swap
import dev.kausal.spec.SwapRecord
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeBetween
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.readBytes
import kotlin.io.path.writeBytes
import kotlin.math.abs

/** Subspaces of a small Llama in which a known direction decides the answer, their controls, and edits of them. */
class AlignmentSearchRunTest :
    FunSpec({
        val random = HookedModel.open(tinyLlama)
        val planted = plantedDirection()
        val model = HookedModel.open(withReadout(random, planted))
        afterSpec {
            random.close()
            model.close()
        }

        test("the search finds the direction that decides the answer, on each half; controls do not") {
            val study = tinyStudy(model) { val das by search() }
            val (results, file) = study.runIn(model)
            val result = results.named("das")
            val vectors = file(result)
            for (layer in 0..2) {
                for (end in listOf("", ".half1", ".half2")) {
                    withClue("layer $layer$end") {
                        abs(cosine(vectors.getValue("das.L$layer$end").single(), planted)) shouldBeGreaterThan 0.99
                    }
                }
                result.directions!!.cells[layer].agreement!! shouldBeGreaterThan 0.98
            }
            result.mean shouldContainExactly listOf(1.0, 1.0, 1.0)
            for (layer in 0..2) {
                fun of(swap: Swap): SwapRecord = result.alignment!!.swaps.first { it.swap == swap }
                of(Swap.Trained).fitted!![layer] shouldBe 1.0
                of(Swap.WholeActivation).mean[layer] shouldBe 1.0
                of(Swap.None).mean[layer] shouldBe 0.0
                of(Swap.RandomSubspace).mean[layer]!! shouldBeLessThan 0.3
                of(Swap.ArbitraryLabels).mean[layer]!!.shouldBeBetween(0.25, 0.75, 0.0)
                of(Swap.RandomWeights).mean[layer]!! shouldBeLessThan 1.0
                of(Swap.None).gainLow[layer]!! shouldBeGreaterThan 0.0
                of(Swap.Trained).gainLow[layer] shouldBe null
            }
        }

        test("its numbers are those of patches of the trained component, by plain arithmetic") {
            val (results, file) = uses(model, rank = 2).runIn(model, PlainExecutor())
            val record = results.named("das").directions.shouldNotBeNull()
            val vectors = file(results.named("das"))
            val byHand = tinyStudy(model) { lm ->
                val set = readoutPairs()

                fun basis(number: Int) = vector { example ->
                    val half = if (example.label in record.halves[0]) 2 else 1
                    vectors.getValue("das.L1.half$half")[number]
                }
                val site = lm.blocks[1].residPre
                val patched by sweep(set, logitDifference) {
                    each(listOf(1), "layer") { patch(clean, corrupted, site, basis(0), basis(1)).at(last) }
                }
                val right by sweep(set, accuracy) {
                    each(listOf(1), "layer") { patch(clean, corrupted, site, basis(0), basis(1)).at(last) }
                }
                val removed by sweep(set, logitDifference) {
                    each(listOf(1), "layer") { ablate(site, basis(0), basis(1)) }
                }
            }.run(model)
            byHand.named("right").perExample shouldContainExactly results.named("right").perExample
            for (name in listOf("patched", "removed")) same(byHand.named(name), results.named(name), name)
            val compared = results.named("das.logitDifference")
            compared.axes.map { it.name } shouldContainExactly listOf("swap", "layer")
            val ofSwap = compared.perExample.map { it.chunked(1) }
            results.named("patched").perExample.forEachIndexed { example, (patched) ->
                ofSwap[example][Swap.Trained.ordinal].single()!! shouldBe (patched!! plusOrMinus 5e-5)
            }
            results.named("das").perExample shouldContainExactly results.named("right").perExample
            results.named("patched").baseline.getValue("corrupted").forEachIndexed { example, unedited ->
                ofSwap[example][Swap.None.ordinal].single()!! shouldBe (unedited!! plusOrMinus 5e-5)
            }
            results.named("whole").perExample.forEachIndexed { example, (whole) ->
                ofSwap[example][Swap.WholeActivation.ordinal].single()!! shouldBe (whole!! plusOrMinus 5e-5)
            }
            uses(model, rank = 2).run(model, BatchedExecutor(60_000)).let { batched ->
                for (name in listOf(
                    "patched",
                    "removed",
                    "randomly",
                )) {
                    same(results.named(name), batched.named(name), name)
                }
            }
        }

        test(
            "a direction of the subspace steers by the difference of the classes along it, towards the clean prompts",
        ) {
            val study = tinyStudy(model) {
                val das by search(layers = listOf(1))
                val steered by sweep(others(), loss) {
                    each(listOf(classDifference, unitNorm), "unit") { steer(das.at(1).direction(), 0.5, it) }
                }
            }
            val (results, file) = study.runIn(model)
            val record = results.named("das").directions!!.cells.single()
            record.name shouldBe "das.L1"
            // Subjects of clean prompts are far along the planted direction.
            val trained = file(results.named("das")).getValue("das.L1").single()
            val sign = if (cosine(trained, planted) < 0) -1 else 1
            val byHand = tinyStudy(model) { lm ->
                val unused by search(layers = listOf(1), steps = 1)
                val steered by sweep(others(), loss) {
                    each(listOf(record.norm, 1.0), "unit") { length ->
                        add(
                            lm.blocks[1].residPre,
                            vector(
                                FloatArray(24) {
                                    (0.5 * sign * length * trained[it]).toFloat()
                                },
                            ),
                        )
                    }
                }
            }.run(model)
            same(byHand.named("steered"), results.named("steered"), "steered")
            record.norm shouldBeGreaterThan 10.0
        }

        test("the journal keeps trained subspaces") {
            val journal = Remembered()
            val study = tinyStudy(random) { val das by search(steps = 3, layers = listOf(2)) }
            val first = study.run(random, journal = journal)
            journal.parts.keys.filter {
                it.startsWith("subspace-das-0-")
            }.map { it.removePrefix("subspace-das-0-") }.toSet() shouldBe
                setOf("whole", "half-0", "half-1", "arbitrary-0", "arbitrary-1", "random")
            journal.written = 0
            val second = study.run(random, journal = journal)
            journal.written shouldBe 0
            same(first.named("das.logitDifference"), second.named("das.logitDifference"), "das.logitDifference")
        }

        test("prompts that are equal at a layer have nothing to exchange there") {
            val results = tinyStudy(random) {
                val set = plantedPairs()
                val das by distributedAlignmentSearch(
                    set,
                    residPre,
                    at = last,
                    steps = 2,
                    draws = 1,
                    layers = listOf(0, 1),
                )
                val first by distributedAlignmentSearch(
                    set,
                    residPre,
                    at = subject,
                    steps = 2,
                    draws = 1,
                    layers = listOf(0),
                )
            }.run(random)
            results.named("das").notes.joinToString() shouldContain "das.L0: nothing to exchange there"
            results.named("first").notes.joinToString().contains("nothing to exchange") shouldBe false
        }

        test("a filter that leaves too few contrasts is reported") {
            fun study(margin: Double) =
                tinyStudy(random) {
                    val set = plantedPairs().filter(prefersAnswer(margin))
                    val removed by sweep(set, logitDifference) { each(listOf(0), "n") { ablate(Head(0, it)) } }
                    val das by distributedAlignmentSearch(set, steps = 1, draws = 1, layers = listOf(0))
                }
            val clean = study(-1e9).run(random).named("removed").baseline.getValue("clean").map { it!! }.sorted()
            shouldThrow<FewPairsException> {
                study((clean[4] + clean[5]) / 2).run(random)
            }.message.shouldNotBeNull() shouldContain
                "but the run has 3 contrasts"
        }
    })

private fun ExperimentScope.search(
    rank: Int = 1,
    steps: Int = 200,
    layers: List<Int>? = null,
) = distributedAlignmentSearch(
    readoutPairs(),
    residPre,
    rank = rank,
    at = last,
    layers = layers,
    steps = steps,
    learningRate = 0.05,
)

private fun ExperimentScope.readoutPairs(): Contrasts<CausalLm> =
    contrasts {
        repeat(PLANTED_PAIRS) { i ->
            contrast("the city of [a$i b$i]", " x$i", "the city of [c$i d$i]", " y$i", label = "example $i")
        }
    }

private fun ExperimentScope.others() = prompts { repeat(3) { prompt("city a$it of c$it the") } }

/** Patches and ablations of a trained subspace. */
private fun uses(
    model: HookedModel,
    rank: Int,
) = tinyStudy(model) { lm ->
    val set = readoutPairs()
    val das: AlignmentSearchHandle by distributedAlignmentSearch(
        set,
        residPre,
        rank = rank,
        layers = listOf(1),
        steps = 20,
    )
    val patched by sweep(set, logitDifference) {
        each(listOf(1), "layer") { patch(clean, corrupted, das.at(it)).at(last) }
    }
    val right by sweep(set, accuracy) { each(listOf(1), "layer") { patch(clean, corrupted, das.at(it)).at(last) } }
    val whole by sweep(set, logitDifference) {
        each(listOf(1), "layer") { patch(clean, corrupted, lm.blocks[it].residPre).at(last) }
    }
    val removed by sweep(set, logitDifference) { each(listOf(1), "layer") { ablate(das.at(it)) } }
    val randomly by sweep(set, logitDifference) {
        each(listOf(1), "layer") { patch(clean, corrupted, das.at(it).random(3)).at(last) }
    }
}

/** A copy of the small Llama in which [direction] separates the subjects, and alone decides between answers and foils. */
private fun withReadout(
    model: HookedModel,
    direction: FloatArray,
): Path {
    val contrasts = tinyStudy(model) { val das by search(steps = 1) }.spec.contrasts.single().contrasts
    val file = tinyFolder("llama", null).resolve("model.safetensors")
    val tensors = SafetensorsInPlace(file.readBytes())
    val gain = tensors.rows().getValue("model.norm.weight").single()
    val readout = FloatArray(direction.size) { direction[it] / gain[it] }
    tensors.rows().getValue("lm_head.weight").forEachIndexed {
        token,
        row,
        ->
        tensors.add("lm_head.weight", token, row, -1f)
    }
    for (contrast in contrasts) {
        for ((prompt, sign) in listOf(contrast.clean to 1f, contrast.corrupted!! to -1f)) {
            prompt.subjectTokens.forEach { tensors.add("model.embed_tokens.weight", it, direction, EMBEDDED * sign) }
        }
        for ((token, sign) in listOf(contrast.answer!!.id to 1f, contrast.foil!!.id to -1f)) {
            tensors.add("lm_head.weight", token, readout, READOUT * sign)
        }
    }
    return file.parent.also { file.writeBytes(tensors.bytes.array()) }
}

/** Far beyond what else is written to the stream, so that a norm leaves nothing to gain from it. */
private const val EMBEDDED = 20f

private const val READOUT = 0.1f

private class Remembered : Journal {
    val parts = HashMap<String, ByteArray>()
    var written = 0

    override fun read(part: String): ByteArray? = parts[part]

    override fun write(
        part: String,
        bytes: ByteArray,
    ) {
        if (part.startsWith("subspace")) written++
        parts[part] = bytes
    }
}

private fun same(
    expected: Result,
    found: Result,
    name: String,
) = withClue(name) {
    expected.perExample.flatten().zip(found.perExample.flatten()).forEach { (a, b) ->
        b!! shouldBe
            (a!! plusOrMinus 5e-5)
    }
    (expected.perExample.flatten().distinct().size > 1) shouldBe true
}

private fun BoundExperiment.runIn(
    model: HookedModel,
    executor: Executor = BatchedExecutor(1L shl 28),
): Pair<Results, (Result) -> Map<String, List<FloatArray>>> {
    val folder = Files.createTempDirectory("kausal")
    val runner =
        ExperimentRunner(runnable(), LocalBackend(model, executor), Journal.None, emptyMap(), ArrayFolder(folder))
    return runner.run(Silence) to { result -> rowsIn(folder.resolve(result.directions!!.file)) }
}
