package dev.kausal.run

import dev.kausal.dsl.ExperimentScope
import dev.kausal.dsl.Head
import dev.kausal.dsl.ablate
import dev.kausal.dsl.add
import dev.kausal.dsl.behaviour
import dev.kausal.dsl.clean
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.gradient
import dev.kausal.dsl.jointAblation
import dev.kausal.dsl.last
import dev.kausal.dsl.logLikelihood
import dev.kausal.dsl.logLikelihoodDifference
import dev.kausal.dsl.logProbability
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.patch
import dev.kausal.dsl.perTemplate
import dev.kausal.dsl.perToken
import dev.kausal.dsl.recovery
import dev.kausal.dsl.sweep
import dev.kausal.dsl.vector
import dev.kausal.dsl.zero
import dev.kausal.engine.exec.PlainExecutor
import dev.kausal.engine.model.HookedModel
import dev.kausal.spec.ControlKind
import dev.kausal.spec.Result
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.abs
import kotlin.math.exp
import kotlin.math.ln

/** Log-likelihoods of answers of several tokens, against whole passes of the model over prompt and answer. */
class LikelihoodRunTest :
    FunSpec({
        val model = HookedModel.open(tinyLlama)
        afterSpec { model.close() }

        test("an unedited likelihood is the sum over the answer's tokens, of several answers that of any of them") {
            val study = tinyStudy(model) {
                val set = contrasts {
                    contrast("the [a b] is in", listOf(" p q", " r"), "the [c d] is in", listOf(" s t u"))
                    contrast("the [e f] is now in", listOf(" q"), "the [g h] is now in", listOf(" t u", " p"))
                }
                val sum by sweep(set, logLikelihoodDifference) { each(heads) { ablate(it) } }
                val mean by sweep(set, perToken(logLikelihood)) {
                    each(layers) { patch(corrupted, clean, it).at(last) }
                }
            }
            val results = study.run(model)
            study.spec.contrasts.single().contrasts.forEachIndexed { example, contrast ->
                for ((run, prompt) in listOf("clean" to contrast.clean, "corrupted" to contrast.corrupted!!)) {
                    val answers = contrast.answers.map { model.likelihood(prompt.ids, it.ids) }
                    val foils = contrast.foils.map { model.likelihood(prompt.ids, it.ids) }
                    val difference = ln(answers.sumOf(::exp)) - ln(foils.sumOf(::exp))
                    results.named("sum").baseline.getValue(run)[example]!! shouldBe (difference plusOrMinus 2e-5)
                    val perToken = answers.zip(contrast.answers) { sum, answer -> sum / answer.ids.size }.average()
                    results.named("mean").baseline.getValue(run)[example]!! shouldBe (perToken plusOrMinus 2e-5)
                }
            }
            results.named("sum").metric shouldBe "logLikelihoodDifference"
        }

        test("answers of one token have the numbers of logProbability and logitDifference") {
            val results = tinyStudy(model) {
                val set = tinyPairs(3)
                val a by sweep(set, logLikelihood) { each(heads) { patch(corrupted, clean, it).at(last) } }
                val b by sweep(set, logProbability) { each(heads) { patch(corrupted, clean, it).at(last) } }
                val c by sweep(set, recovery(logLikelihoodDifference)) { each(layers) { patch(clean, corrupted, it) } }
                val d by sweep(set, recovery(logitDifference)) { each(layers) { patch(clean, corrupted, it) } }
                val e by sweep(set, perToken(logLikelihoodDifference), by = gradient) { each(heads) { ablate(it) } }
                val f by sweep(set, logitDifference, by = gradient) { each(heads) { ablate(it) } }
                val g by behaviour(set, by = perTemplate, metric = logLikelihoodDifference)
                val h by behaviour(set, by = perTemplate)
            }.run(model)
            for ((own, known) in listOf("a" to "b", "c" to "d", "e" to "f", "g" to "h")) {
                withClue(own) { results.named(own).shouldHaveTheNumbersOf(results.named(known)) }
            }
        }

        test("edits are made at the answer's positions too, patches of which come from the same answer") {
            val results = tinyStudy(model) {
                val set = longPairs()
                val whole by sweep(set, recovery(logLikelihoodDifference)) {
                    each(layers) { patch(clean, corrupted, it) }
                }
                val ablated by sweep(set, logLikelihoodDifference) { each(heads) { ablate(it) } }
                val joint by jointAblation(set, logLikelihoodDifference, ablated, sizes = 1..2, draws = 19, with = zero)
            }
            val found = results.run(model)
            // The whole stream that enters the first layer is that of the clean run, so the metric is too.
            val first = found.named("whole").perExample.mapNotNull { it[0] }
            first.isNotEmpty() shouldBe true
            first.forEach { it shouldBe (1.0 plusOrMinus 1e-4) }
            val control = found.named("whole").controls.single { it.kind == ControlKind.FullStream }
            control.passed shouldBe true
            val plain = results.run(model, PlainExecutor())
            for (name in listOf("whole", "ablated", "joint")) {
                withClue(name) { found.named(name).shouldHaveTheNumbersOf(plain.named(name)) }
            }
            val small = abs(found.named("ablated").audit!!.unchanged)
            small shouldBe 0
        }

        test("estimates are the first order of computed cells") {
            val results = tinyStudy(model) { lm ->
                val set = longPairs()
                val small = vector(FloatArray(model.config().dModel()) { 1e-3f * (it % 7 - 3) })
                val estimate by sweep(set, logLikelihoodDifference, by = gradient) {
                    each(layers) { add(lm.blocks[it].residPost, small) }
                }
                val exact by sweep(set, logLikelihoodDifference) {
                    each(layers) { add(lm.blocks[it].residPost, small) }
                }
            }.run(model)
            results.named("estimate").shouldHaveTheNumbersOf(results.named("exact"), 1e-4)
        }

        test("ablating a head changes the likelihood of the answer's later tokens") {
            val results = tinyStudy(model) {
                val set = longPairs()
                val everywhere by sweep(set, logLikelihood) { each(layers) { ablate(Head(it.index, 0)) } }
                val prompt by sweep(set, logLikelihood) { each(layers) { ablate(Head(it.index, 0)).at(last) } }
            }.run(model)
            val different = results.named(
                "everywhere",
            ).perExample.flatten().zip(results.named("prompt").perExample.flatten())
            different.count { (a, b) -> abs(a!! - b!!) > 1e-5 } shouldBe different.size
        }
    })

private fun ExperimentScope.longPairs() =
    contrasts {
        repeat(4) { i ->
            contrast("the [a$i b$i] is in the city of", " x$i y$i z", "the [c$i d$i] is in the city of", " u$i v")
        }
    }

private fun Result.shouldHaveTheNumbersOf(
    other: Result,
    tolerance: Double = 2e-5,
) = perExample.flatten().zip(other.perExample.flatten()).forEach { (a, b) ->
    if (b == null) a shouldBe null else a!! shouldBe (b plusOrMinus tolerance)
}

/** Returns the log probability of [answer] after [prompt], token by token, each in a pass of its own. */
private fun HookedModel.likelihood(
    prompt: List<Int>,
    answer: List<Int>,
): Double =
    answer.indices.sumOf { i ->
        val ids = (prompt + answer.take(i)).toIntArray()
        device().manager().use { manager ->
            lastLogits(listOf(ids), noHooks(), manager).get(0).logSoftmax(0).getFloat(answer[i].toLong()).toDouble()
        }
    }
