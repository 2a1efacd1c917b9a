package dev.kausal.run

import dev.kausal.dsl.accuracy
import dev.kausal.dsl.activationNorm
import dev.kausal.dsl.direction
import dev.kausal.dsl.doseResponse
import dev.kausal.dsl.kl
import dev.kausal.dsl.last
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.loss
import dev.kausal.dsl.residPre
import dev.kausal.dsl.steer
import dev.kausal.dsl.subject
import dev.kausal.dsl.sweep
import dev.kausal.engine.model.HookedModel
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe

/** Dose responses, against sweeps of the same edits. */
class DoseResponseRunTest :
    FunSpec({
        val model = HookedModel.open(tinyLlama)
        afterSpec { model.close() }

        test("doses, controls and side effects are those of sweeps") {
            val strengths = listOf(-2.0, 0.0, 1.5)
            val results =
                tinyStudy(model) {
                    inference(controls = false)
                    val set = plantedPairs()
                    val texts = prompts { repeat(3) { prompt("in the x$it y$it is the city") } }
                    val questions = contrasts {
                        contrast("in the x0 y0 is the", " city", "in the x1 y1 is the", " x1")
                        contrast("in the x2 y2 is the", " y2", "in the x3 y3 is the", " city")
                    }
                    val means by direction(set, residPre, at = subject)
                    val dose by doseResponse(
                        set,
                        logitDifference,
                        means,
                        strengths,
                        layers = listOf(1, 2),
                        at = last,
                        unit = activationNorm,
                        draws = 2,
                        neutral = texts,
                        questions = questions,
                    )
                    val all = values(listOf(1, 2), strengths)
                    val own by sweep(set, logitDifference) {
                        each(all, "cell") { (layer, s) -> steer(means.at(layer), s, activationNorm).at(last) }
                    }
                    val random by sweep(set, logitDifference) {
                        each(all, "cell") { (layer, s) -> steer(means.at(layer).random(1), s, activationNorm).at(last) }
                    }
                    val shuffled by sweep(set, logitDifference) {
                        each(all, "cell") { (layer, s) ->
                            steer(means.at(layer).shuffled(0), s, activationNorm).at(last)
                        }
                    }
                    val cost by sweep(texts, loss) {
                        each(all, "cell") { (layer, s) -> steer(means.at(layer), s, activationNorm).at(last) }
                    }
                    val moved by sweep(texts, kl) {
                        each(all, "cell") { (layer, s) -> steer(means.at(layer), s, activationNorm).at(last) }
                    }
                    val answered by sweep(questions, accuracy) {
                        each(all, "cell") { (layer, s) -> steer(means.at(layer), s, activationNorm).at(last) }
                    }
                }.run(model)
            val dose = results.named("dose")
            dose.shape shouldContainExactly listOf(2, 3)
            val controls = dose.dose.shouldNotBeNull()
            controls.random.size shouldBe 2
            val compared =
                listOf(
                    dose.mean to "own",
                    controls.random[1] to "random",
                    controls.shuffled[0] to "shuffled",
                    results.named("dose.loss").mean to "cost",
                    results.named("dose.kl").mean to "moved",
                    results.named("dose.accuracy").mean to "answered",
                )
            for ((found, name) in compared) {
                withClue(name) {
                    found.zip(results.named(name).mean).forEach { (a, b) -> a!! shouldBe (b!! plusOrMinus 5e-5) }
                    // Loss is of the tokens after each position, and nothing follows the last one.
                    if (name != "answered" && name != "cost") (found.distinct().size > 2) shouldBe true
                }
            }
            results.named("dose.kl").mean[1]!! shouldBe (0.0 plusOrMinus 1e-6)
            results.named("dose.loss").set shouldBe "prompts"
        }
    })

private fun values(
    layers: List<Int>,
    strengths: List<Double>,
): List<Pair<Int, Double>> = layers.flatMap { layer -> strengths.map { layer to it } }
