package dev.kausal.run

import ai.djl.ndarray.NDArray
import dev.kausal.bundle.ArrayFolder
import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.ExperimentScope
import dev.kausal.dsl.Head
import dev.kausal.dsl.Model
import dev.kausal.dsl.ablate
import dev.kausal.dsl.ablateEverywhere
import dev.kausal.dsl.activationNorm
import dev.kausal.dsl.add
import dev.kausal.dsl.bind.BoundExperiment
import dev.kausal.dsl.clean
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.direction
import dev.kausal.dsl.generate
import dev.kausal.dsl.headZ
import dev.kausal.dsl.hook
import dev.kausal.dsl.last
import dev.kausal.dsl.logistic
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.loss
import dev.kausal.dsl.meanDifference
import dev.kausal.dsl.patch
import dev.kausal.dsl.prefersAnswer
import dev.kausal.dsl.principalComponent
import dev.kausal.dsl.principalDifference
import dev.kausal.dsl.residPre
import dev.kausal.dsl.steer
import dev.kausal.dsl.subject
import dev.kausal.dsl.sweep
import dev.kausal.dsl.unitNorm
import dev.kausal.dsl.vector
import dev.kausal.engine.exec.BatchedExecutor
import dev.kausal.engine.exec.Executor
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.engine.model.HookedModel
import dev.kausal.run.backend.LocalBackend
import dev.kausal.run.context.Journal
import dev.kausal.run.directions.FewGroupsException
import dev.kausal.spec.DirectionRecord
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files
import java.util.concurrent.ConcurrentHashMap
import kotlin.math.abs
import kotlin.math.sqrt

/** Fits of directions on a small Llama whose embeddings have a known one, and edits along them. */
class DirectionRunTest :
    FunSpec({
        val random = HookedModel.open(tinyLlama)
        val planted = plantedDirection()
        val model = HookedModel.open(planted(random, planted))
        afterSpec {
            random.close()
            model.close()
        }

        test("every fit finds the direction that the embeddings have, on each half; controls do not") {
            val seen = ConcurrentHashMap<String, ConcurrentHashMap<String, FloatArray>>()
            val study = fits(model, seen)
            val (results, file) = study.runIn(model)
            for (name in listOf("means", "differences", "component", "weights")) {
                withClue(name) {
                    val result = results.named(name)
                    val record = result.directions.shouldNotBeNull()
                    val vectors = file(record)
                    record.cells.map { it.name } shouldContainExactly listOf("$name.L0", "$name.L1", "$name.L2")
                    for (end in listOf("", ".half1", ".half2")) {
                        cosine(vectors.getValue("$name.L0$end"), planted) shouldBeGreaterThan 0.99
                    }
                    record.cells[0].agreement!! shouldBe
                        (
                            cosine(
                                vectors.getValue("$name.L0.half1"),
                                vectors.getValue("$name.L0.half2"),
                            ) plusOrMinus 1e-6
                        )
                    record.cells[0].norm shouldBe (norm(vectors.getValue("$name.L0")) plusOrMinus 1e-3)
                    result.mean[0]!! shouldBe (1.0 plusOrMinus 0.1)
                    record.halves.flatten().sorted() shouldBe result.examples.sorted()
                }
            }
            val own = file(results.named("means").directions!!)
            for (name in listOf("randomly", "shuffled")) {
                for ((example, x) in seen.getValue(name)) {
                    val half = if (example in results.named("means").directions!!.halves[0]) 2 else 1
                    val added = FloatArray(24) { x[it] - seen.getValue("unedited").getValue(example)[it] }
                    val length = norm(own.getValue("means.L0.half$half"))
                    withClue("$name, $example") {
                        abs(cosine(added, planted)) shouldBeLessThan 0.9
                        if (name == "randomly") {
                            norm(added) shouldBe (length plusOrMinus 1e-3)
                        } else {
                            norm(added) shouldBeLessThan 0.5 * length
                        }
                    }
                }
            }
        }

        test("another split has other halves, and each example the direction of the half without it") {
            fun steered(seed: Long): Pair<Result, DirectionRecord> {
                val (results, _) = tinyStudy(model) {
                    inference(controls = false)
                    seed(seed)
                    val set = plantedPairs()
                    val means by direction(set, residPre, at = subject)
                    val own by sweep(set, logitDifference) { each(layers) { steer(means.at(it), 1.0) } }
                    val split by sweep(set, logitDifference) { each(layers) { steer(means.at(it).split(1), 1.0) } }
                }.runIn(model)
                return results.named(if (seed == 1L) "own" else "split") to results.named("means").directions!!
            }
            val (split, first) = steered(0)
            val (own, second) = steered(1)
            first.halves shouldNotBe second.halves
            split.mean.zip(own.mean).forEach { (a, b) -> a!! shouldBe (b!! plusOrMinus 1e-6) }
        }

        test("a direction is measured and used on examples without fit, by plain arithmetic") {
            val (results, file) = edits(model).runIn(model, PlainExecutor())
            val record = results.named("means").directions.shouldNotBeNull()
            val halves = record.halves
            val vectors = file(record)
            halves.map { it.size } shouldContainExactly listOf(PLANTED_PAIRS / 2, PLANTED_PAIRS / 2)
            val byHand =
                byHand(model) { label, layer ->
                    vectors.getValue("means.L$layer" + if (label in halves[0]) ".half2" else ".half1")
                }.run(model)
            for (name in listOf("steered", "projected", "exchanged", "everywhere")) {
                same(byHand.named(name), results.named(name), name)
            }
            val batched = edits(model).run(model, BatchedExecutor(60_000))
            for (name in listOf("steered", "projected", "exchanged", "everywhere", "typical", "units", "other")) {
                same(results.named(name), batched.named(name), name)
            }
            val whole = vectors.getValue("means.L1")
            val other = tinyStudy(model) { other(it, whole, record.cells[1].activationNorm) }.run(model)
            for (name in listOf("typical", "units", "other")) same(other.named(name), results.named(name), name)
            results.named("steered").audit!!.fired shouldBe PLANTED_PAIRS * 2 * 3
        }

        test("texts are steered by the direction fitted without their example") {
            val study =
                tinyStudy(model) {
                    val set = plantedPairs()
                    val means by direction(set, residPre, at = subject)
                    val written by generate(set, tokens = 3) { steer(means.at(1), 2.0) }
                }
            val (results, file) = study.runIn(model)
            val record = results.named("means").directions!!
            val vectors = file(record)
            val byHand =
                tinyStudy(model) { lm ->
                    val set = plantedPairs()
                    val own = vector { example ->
                        val half = if (example.label in record.halves[0]) 2 else 1
                        vectors.getValue("means.L1.half$half").map { it * 2 }.toFloatArray()
                    }
                    val written by generate(set, tokens = 3) { add(lm.blocks[1].residPre, own) }
                }.run(model)
            same(byHand.named("written"), results.named("written"), "written")
            results.named("written").audit!!.unchanged shouldBe 0
        }

        test("heads have directions of their own width") {
            val study =
                tinyStudy(random) {
                    val set = plantedPairs()
                    val ofHeads by direction(set, headZ)
                    val removed by sweep(set, logitDifference) { each(heads) { ablate(ofHeads.at(it)) } }
                }
            val (results, file) = study.runIn(random)
            val vectors = file(results.named("ofHeads").directions!!)
            vectors.getValue("ofHeads.L2H3").size shouldBe 10
            val byHand =
                tinyStudy(random) { lm ->
                    val set = plantedPairs()
                    val halves = results.named("ofHeads").directions!!.halves
                    val removed by sweep(set, logitDifference) {
                        each(heads) { head ->
                            hook(lm.blocks[head.layer].attn.z.head(head.index)) { x, at ->
                                val half = if (at.example in halves[0]) 2 else 1
                                without(x, vectors.getValue("ofHeads.L${head.layer}H${head.index}.half$half"))
                            }
                        }
                    }
                }.run(random)
            same(byHand.named("removed"), results.named("removed"), "removed")
        }

        test("classes that are equal at a layer have no direction there, and edits along it change nothing") {
            val study =
                tinyStudy(random) {
                    val set = plantedPairs()
                    // The last token is the same in all prompts, and nothing has reached it yet.
                    val nothing by direction(set, residPre)
                    val removed by sweep(set, logitDifference) { each(layers) { ablate(nothing.at(it)) } }
                }
            val results = study.run(random)
            results.named("nothing").mean[0] shouldBe null
            results.named("nothing").notes.joinToString() shouldContain "nothing.L0: no direction there"
            results.named("removed").cellAudit!!.unchanged shouldContainExactly listOf(PLANTED_PAIRS, 0, 0)
        }

        test("sets and labels are classes too") {
            val study =
                tinyStudy(model) {
                    val ones = prompts { repeat(PLANTED_PAIRS) { prompt("the [a$it b$it] is in the city of") } }
                    val others = prompts { repeat(PLANTED_PAIRS) { prompt("the [c$it d$it] is in the city of") } }
                    val all = prompts {
                        repeat(PLANTED_PAIRS) {
                            prompt("the [a$it b$it] is in the city of", label = "a$it")
                            prompt("the [c$it d$it] is in the city of", label = "c$it")
                        }
                    }
                    val ofSets by direction(ones, residPre, at = subject, against = others)
                    val ofLabels by direction(all, residPre, at = subject, first = { it.label.startsWith("a") })
                    val scored by sweep(ones, loss) { each(layers) { steer(ofLabels.at(it), 1.0) } }
                }
            val (results, file) = study.runIn(model)
            for (name in listOf("ofSets", "ofLabels")) {
                val vectors = file(results.named(name).directions!!)
                cosine(vectors.getValue("$name.L0"), planted) shouldBeGreaterThan 0.99
                results.named(name).mean[0]!! shouldBe (1.0 plusOrMinus 0.1)
                results.named(name).examples.size shouldBe 2 * PLANTED_PAIRS
            }
        }

        test("a filter that leaves one group is reported") {
            fun study(margin: Double) =
                tinyStudy(random) {
                    val set = contrasts {
                        contrast("the [a0 b0] is in the city of", " x0", "the [c0 d0] is in the city of", " y0")
                        contrast("the [a1 b1] is in the city of", " x1", "the [c1 d1] is in the city of", " y1")
                    }
                    val removed by sweep(set, logitDifference) { each(listOf(0), "n") { ablate(Head(0, it)) } }
                    val means by direction(set.filter(prefersAnswer(margin)))
                }
            val margin = study(-1e9).run(random).named("removed").baseline.getValue("clean").map { it!! }.average()
            shouldThrow<FewGroupsException> { study(margin).run(random) }.message.shouldNotBeNull() shouldContain
                "but the run has 1 group"
        }
    })

/** Fits of one direction, and what passes the first layer under its controls, by sweep and example. */
private fun fits(
    model: HookedModel,
    seen: ConcurrentHashMap<String, ConcurrentHashMap<String, FloatArray>>,
) =
    tinyStudy(model) { lm ->
        inference(controls = false)
        val set = plantedPairs()
        val means by direction(set, residPre, at = subject, fit = meanDifference)
        val differences by direction(set, residPre, at = subject, fit = principalDifference)
        val component by direction(set, residPre, at = subject, fit = principalComponent)
        val weights by direction(set, residPre, at = subject, fit = logistic)

        fun noted(name: String) =
            hook(lm.blocks[0].residPre) { x, at ->
                x.also { seen.computeIfAbsent(name) { ConcurrentHashMap() }[at.example] = it.toFloatArray() }
            }
        val unedited by sweep(set, logitDifference) { each(listOf(0), "n") { noted("unedited") } }
        val randomly by sweep(set, logitDifference) {
            each(listOf(0), "n") { steer(means.at(0).random(3), 1.0) + noted("randomly") }
        }
        val shuffled by sweep(set, logitDifference) {
            each(listOf(0), "n") { steer(means.at(0).shuffled(3), 1.0) + noted("shuffled") }
        }
    }

/** Steering and projections, of which [byHand] makes the first four. */
private fun edits(model: HookedModel) =
    tinyStudy(model) { lm ->
        val set = plantedPairs()
        val texts = prompts { repeat(3) { prompt("in the x$it y$it is the city") } }
        val means by direction(set, residPre, at = subject)
        val steered by sweep(set, logitDifference) {
            each(values(listOf(-1.5, 2.0), "strength"), layers) { s, l -> steer(means.at(l), s) }
        }
        val projected by sweep(set, logitDifference) { each(layers) { ablate(means.at(it)).at(subject) } }
        val exchanged by sweep(set, logitDifference) { each(layers) { patch(corrupted, clean, means.at(it)) } }
        val everywhere by sweep(set, logitDifference) { each(listOf(1), "layer") { ablateEverywhere(means.at(it)) } }
        val typical by sweep(texts, loss) { each(listOf(1), "layer") { steer(means.at(it), 0.5, activationNorm) } }
        val units by sweep(texts, loss) { each(listOf(1), "layer") { steer(means.at(it), 3.0, unitNorm) } }
        val other by sweep(texts, loss) { each(listOf(1), "layer") { steer(means.at(it), 1.0) } }
    }

private fun byHand(
    model: HookedModel,
    of: (String, Int) -> FloatArray,
): BoundExperiment =
    tinyStudy(model) { lm ->
        val set = plantedPairs()
        val steered by sweep(set, logitDifference) {
            each(values(listOf(-1.5, 2.0), "strength"), layers) { s, l ->
                add(
                    lm.blocks[l.index].residPre,
                    vector { e ->
                        of(e.label, l.index).map { (it * s).toFloat() }.toFloatArray()
                    },
                )
            }
        }
        val projected by sweep(set, logitDifference) {
            each(layers) { l ->
                hook(lm.blocks[l.index].residPre) { x, at -> without(x, of(at.example, l.index)) }.at(subject)
            }
        }
        val exchanged by sweep(set, logitDifference) {
            each(layers) { l -> patch(corrupted, clean, lm.blocks[l.index].residPre, vector { of(it.label, l.index) }) }
        }
        val everywhere by sweep(set, logitDifference) {
            each(listOf(1), "layer") { l ->
                (0..2).flatMap { listOf(lm.blocks[it].residPre, lm.blocks[it].attnOut, lm.blocks[it].mlpOut) }
                    .map { site -> hook(site) { x, at -> without(x, of(at.example, l)) } }
                    .reduce { all, one -> all + one }
            }
        }
    }

private fun ExperimentScope.other(
    lm: Model<CausalLm>,
    whole: FloatArray,
    typical: Double,
) {
    val set = prompts { repeat(3) { prompt("in the x$it y$it is the city") } }
    val site = lm.blocks[1].residPre
    val length = norm(whole)
    for ((name, scale) in listOf("typical" to 0.5 * typical / length, "units" to 3 / length, "other" to 1.0)) {
        val swept = sweep(set, loss) { each(listOf(1), "layer") { steer(site, vector(whole), scale) } }
        when (name) {
            "typical" -> {
                val typical by swept
            }

            "units" -> {
                val units by swept
            }

            else -> {
                val other by swept
            }
        }
    }
}

/** Returns [x] without its component along [direction] at each position. */
private fun without(
    x: NDArray,
    direction: FloatArray,
): NDArray {
    val values = x.toFloatArray()
    for (start in values.indices step direction.size) {
        val along =
            direction.indices.sumOf { values[start + it].toDouble() * direction[it] } / norm(direction) /
                norm(direction)
        for (i in direction.indices) values[start + i] -= (along * direction[i]).toFloat()
    }
    return x.manager.create(values, x.shape)
}

private fun norm(vector: FloatArray): Double = sqrt(vector.sumOf { it.toDouble() * it })

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

/** Runs the experiment and returns its results, and a reader of the files of directions. */
private fun BoundExperiment.runIn(
    model: HookedModel,
    executor: Executor = BatchedExecutor(1L shl 28),
): Pair<Results, (DirectionRecord) -> Map<String, FloatArray>> {
    val folder = Files.createTempDirectory("kausal")
    val runner =
        ExperimentRunner(runnable(), LocalBackend(model, executor), Journal.None, emptyMap(), ArrayFolder(folder))
    return runner.run(Silence) to { record -> rowsIn(folder.resolve(record.file)).mapValues { it.value.single() } }
}
