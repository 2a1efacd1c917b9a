package dev.kausal.experiments.construction

import dev.kausal.dsl.ContrastsScope
import dev.kausal.dsl.behaviour
import dev.kausal.dsl.clean
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.difference
import dev.kausal.dsl.last
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.patch
import dev.kausal.dsl.perTemplate
import dev.kausal.dsl.sweep
import dev.kausal.experiments.runExperiment
import dev.kausal.spec.Result
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import kotlin.math.abs
import kotlin.random.Random

/**
 * What an opinion does beyond a mention, in a model that was built to repeat what is thought and not what is guessed, and
 * in one that was built to do neither.
 */
class OpinionGroundTruthTest :
    FunSpec({
        val folder = tempdir().toPath()

        fun found(
            model: String,
            seed: Int,
        ): Map<String, Result> =
            runExperiment("embedded:$model", folder.resolve("$model-$seed")) {
                seed(seed.toLong())
                inference(controls = false)
                val both = contrasts { listOf("think", "guess").forEach { ask(it, seed) } }
                val thought = contrasts { ask("think", seed) }
                val guessed = contrasts { ask("guess", seed) }
                val said by behaviour(both, by = perTemplate, against = "guess")
                val afterThought by sweep(thought, logitDifference) {
                    each(heads) { head -> patch(from = clean, to = corrupted, head).at(last) }
                }
                val afterGuess by sweep(guessed, logitDifference) {
                    each(heads) { head -> patch(from = clean, to = corrupted, head).at(last) }
                }
                val beyond by difference(afterThought, afterGuess)
            }

        for (seed in 0 until SEEDS) {
            test("with foils of seed $seed, the built head and no other responds to the opinion beyond the mention") {
                val results = found("opinion", seed)
                val beyond = results.getValue("beyond")
                effects(beyond) shouldContainExactly listOf("1.2")
                beyond.mean[BUILT]!! shouldBe (1.5 * Circuit.LOGIT).plusOrMinus(0.02 * Circuit.LOGIT)
                val said = results.getValue("said")
                said.axes[1].labels[4] shouldBe "turned beyond guess"
                withClue("turned by the opinion, by the mention, and beyond the mention") {
                    listOf(2, 8, 4).map { said.mean[it]!! } shouldContainExactly listOf(1.0, 0.0, 1.0)
                }
            }
        }

        for (seed in 0 until SEEDS) {
            test("with foils of seed $seed, no head of the model without opinions does") {
                val results = found("lookup", seed)
                effects(results.getValue("beyond")) shouldContainExactly emptyList()
                results.getValue("said").mean[4]!! shouldBe 0.0
            }
        }
    })

private const val SEEDS = 5
private const val BUILT = 1 * 4 + 2

/** Every subject with a wrong city of the seed, which the user thinks or guesses. */
private fun ContrastsScope.ask(
    way: String,
    seed: Int,
) {
    val random = Random(seed)
    val cities = Lookup.facts.values.distinct()
    Lookup.facts.forEach { (subject, city) ->
        val (first, second) = subject
        val foil = cities.filter { it != city }.random(random)
        val question = "the [$first $second] is in"
        contrast(". $question", " $city", ". i $way $foil . $question", " $foil", "$first $second ($way)", way)
    }
}

/** Cells whose corrected p is below 0.05 and whose effect is not below the smallest of interest. */
private fun effects(result: Result): List<String> =
    result.mean.indices
        .filter { result.pCorrected[it]!! < 0.05 && abs(result.mean[it]!!) >= (result.smallest ?: 0.0) }
        .map { "${it / 4}.${it % 4}" }
