package dev.kausal.run

import dev.kausal.dsl.CausalLm
import dev.kausal.dsl.Run
import dev.kausal.dsl.ablate
import dev.kausal.dsl.attnOut
import dev.kausal.dsl.boundTo
import dev.kausal.dsl.capture
import dev.kausal.dsl.clean
import dev.kausal.dsl.declared
import dev.kausal.dsl.freeze
import dev.kausal.dsl.knows
import dev.kausal.dsl.mistakes.EditMistake
import dev.kausal.dsl.mistakes.ScriptMistakes
import dev.kausal.dsl.mlpOut
import dev.kausal.dsl.noise
import dev.kausal.dsl.patch
import dev.kausal.dsl.probability
import dev.kausal.dsl.residPost
import dev.kausal.dsl.subject
import dev.kausal.dsl.subjectLast
import dev.kausal.dsl.sweep
import dev.kausal.dsl.tinyFolder
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.engine.hooks.Hooks
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.model.ModelSource
import dev.kausal.engine.tensor.Torch
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.math.abs
import kotlin.math.exp
import kotlin.math.sqrt

/** Noise and severed runs on a small random Llama, against hand arithmetic on what is captured. */
class NoiseTest :
    FunSpec({
        val model = HookedModel.open(tinyLlama)
        val width = model.config().dModel()
        afterSpec { model.close() }

        fun embedding(token: Int): FloatArray =
            model.weights().embed().get(token.toLong()).use { it.toFloatArray() }

        test("noise of a named sample is measured in all of its subjects, whatever a filter keeps of it") {
            val study =
                tinyStudy(model) {
                    val sample = contrasts { words() }
                    val set = sample.sample(3).filter(knows(rank = 90))
                    val named by capture(set, it.embed, run = noise(subject, of = sample, samples = 2))
                    report { }
                }
            val tokens = study.spec.subjects.single().tokens
            study.spec.contrasts.map { it.contrasts.size } shouldBe listOf(3)
            study.spec.subjects.single().prompts shouldBe 8
            val all = tokens.flatMap { embedding(it).map(Float::toDouble) }
            val deviation = sqrt(all.sumOf { (it - all.average()) * (it - all.average()) } / (all.size - 1))
            val byHand =
                tinyStudy(model) {
                    val set = contrasts { words() }.sample(3).filter(knows(rank = 90))
                    val named by capture(set, it.embed, run = noise(subject, samples = 2, deviation = deviation))
                    report { }
                }
            val found = study.run(model).named("named")
            val expected = byHand.run(model).named("named")
            found.row(0).zip(expected.row(0)).forEach { (a, b) -> a shouldBe (b plusOrMinus 1e-5) }
            found.notes.joinToString() shouldContain
                "the embeddings of ${tokens.size} subject tokens of 8 prompts (contrasts)"
        }

        test(
            "captured noise is on the subject alone, as strong as the note says, new in each draw, and what sweeps use",
        ) {
            val noised = noise(subject, sigmas = 2.0, samples = 3, seed = 7)
            val study =
                tinyStudy(model) {
                    inference(controls = false)
                    val set = contrasts { words() }
                    val plain by capture(set, it.embed)
                    val drawn by capture(set, it.embed, run = noised)
                    val traced by sweep(set, probability) {
                        each(layers) { layer -> patch(clean, noised, layer, residPost).at(subjectLast) }
                    }
                    report { }
                }
            val results = study.run(model)
            val drawn = results.named("drawn")
            drawn.axes.first().let { it.name to it.labels } shouldBe ("draw" to listOf("0", "1", "2"))
            val contrasts = study.spec.contrasts.single().contrasts
            val added = ArrayList<Double>()
            contrasts.forEachIndexed { example, contrast ->
                val clean = results.named("plain").row(example)
                val moved = drawn.draws(example).map { draw -> draw.zip(clean) { a, b -> a - b } }
                val subject = contrast.clean.subject!!.let { it.first..it.last }
                for (draw in moved) {
                    draw.forEachIndexed { at, change -> (change != 0.0) shouldBe (at / width in subject) }
                    added += draw.filter { it != 0.0 }
                }
                moved.toSet().size shouldBe 3
                val byHand = drawn.draws(example).map { model.probability(contrast, "hook_embed", it) }
                results.named("traced").baseline.getValue(RUN)[example]!! shouldBe (byHand.average() plusOrMinus 1e-6)
            }
            val said = Regex("standard deviation ([0-9.]+) =").find(drawn.notes.single())!!.groupValues[1].toDouble()
            val found = sqrt(added.sumOf { it * it } / added.size)
            withClue("noise of ${added.size} numbers") { found shouldBe (said plusOrMinus 0.1 * said) }
            results.named("traced").notes.filter { "Gaussian noise of standard deviation" in it } shouldBe drawn.notes
        }

        test("with everything after it severed, a restored stream is the sum of what is restored and what is frozen") {
            val noised = noise(subject, samples = 3, seed = 1)
            val study = severed(model, noised)
            val results = study.run(model)
            val contrasts = study.spec.contrasts.single().contrasts
            contrasts.forEachIndexed { example, contrast ->
                val first = results.named("first").row(example)
                val ends = results.named("end").draws(example)
                val byHand =
                    results.named("noisedFirst").draws(example).zip(ends) { noisedFirst, end ->
                        val sum = end.indices.map { end[it] + first[it] - noisedFirst[it] }
                        model.probability(contrast, "blocks.2.hook_resid_post", sum)
                    }
                val whole = results.named("whole")
                withClue(contrast.label) { whole.row(example)[0] shouldBe (byHand.average() plusOrMinus 1e-6) }
                val elsewhere = results.named("elsewhere").row(example)[0]
                elsewhere shouldBe (whole.baseline.getValue(RUN)[example]!! plusOrMinus 1e-6)
            }
        }

        test("a stream that is frozen whole lets nothing of an earlier change through, which is refused") {
            ModelSource.open(tinyFolder("llama")).use { source ->
                val script =
                    declared {
                        val lm = model<CausalLm>("tiny")
                        val set = contrasts { contrast("the [cat] sat", "the") }
                        val none by sweep(set, probability) {
                            each(listOf(1, 0), "layer") { ablate(lm.blocks[it].mlpOut) + freeze(lm.blocks[1].residPre) }
                        }
                        report { }
                    }
                val found = shouldThrow<ScriptMistakes> { script.boundTo(source) }.mistakes
                found.filterIsInstance<EditMistake.FrozenAway>().single().sites shouldBe listOf("blocks.0.hook_mlp_out")
            }
        }

        test("a severed MLP alone makes a difference, and both executors agree on it") {
            val study = severed(model, noise(subject, samples = 3, seed = 1))
            val plain = study.run(model, PlainExecutor())
            val waves = study.run(model)
            for (name in listOf("whole", "elsewhere", "mlps", "free")) {
                val (expected, found) = plain.named(name).perExample to waves.named(name).perExample
                expected.flatten().zip(found.flatten()).forEach { (a, b) -> b!! shouldBe (a!! plusOrMinus 1e-5) }
            }

            fun values(name: String, results: Results) = results.named(name).perExample.map { it[0]!! }
            val moved = values("mlps", waves).zip(values("free", waves)) { a, b -> abs(a - b) / b }
            moved.max() shouldBeGreaterThan 1e-3
        }
    })

private const val RUN = "noised"

/** Streams after the first layer, restored in a noised run while what later layers add is kept. */
private fun severed(
    model: HookedModel,
    noised: Run,
) = tinyStudy(model) { lm ->
    inference(controls = false)
    val set = contrasts { words() }
    val first by capture(set, lm.blocks[0].residPost)
    val noisedFirst by capture(set, lm.blocks[0].residPost, run = noised)
    val end by capture(set, lm.blocks[2].residPost, run = noised)
    val whole by sweep(set, probability) {
        each(layers) { patch(clean, noised, it, residPost) + freeze(it.later, attnOut) + freeze(it.later, mlpOut) }
    }
    val elsewhere by sweep(set, probability) {
        each(layers) {
            patch(clean, noised, it, residPost).at(subjectLast) + freeze(it.later, attnOut) + freeze(it.later, mlpOut)
        }
    }
    val mlps by sweep(set, probability) {
        each(layers) { (patch(clean, noised, it, residPost) + freeze(it.later, mlpOut)).at(subjectLast) }
    }
    val free by sweep(set, probability) { each(layers) { patch(clean, noised, it, residPost).at(subjectLast) } }
    report { }
}

/** Numbers of an example, without those that stand for positions which its prompt has not. */
private fun Result.row(example: Int): List<Double> = perExample[example].filterNotNull()

/** The same, draw by draw. */
private fun Result.draws(example: Int): List<List<Double>> = row(example).let { it.chunked(it.size / shape.first()) }

/** Probability of [contrast]'s answer if [values] pass the point called [site]. */
private fun HookedModel.probability(
    contrast: ContrastSpec,
    site: String,
    values: List<Double>,
): Double =
    Torch.manager().use { manager ->
        val hooks = Hooks(points())
        hooks.edit(site) { was, _ ->
            manager.create(FloatArray(values.size) { values[it].toFloat() }).reshape(was.shape)
        }
        val logits = lastLogits(listOf(contrast.clean.ids.toIntArray()), hooks, manager).toFloatArray()
        val all = logits.sumOf { exp(it.toDouble()) }
        exp(logits[contrast.answer!!.id].toDouble()) / all
    }
