package dev.kausal.dsl

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

/** Mistakes in log-likelihoods of answers, which may have several tokens. */
class LikelihoodMistakesTest :
    FunSpec({
        test("an answer of several tokens is a mistake for what reads one token, at its own line") {
            mistakes { set, _ ->
                val fine by sweep(set, logLikelihoodDifference) { each(heads) { ablate(it) } }
                val texts by generate(set, tokens = 2, score = containsAnswer)
                val first by sweep(set, logitDifference) { each(heads) { ablate(it) } }
                val again by directLogitAttribution(set)
                val lens by logitLens(set)
            } shouldContainExactly
                listOf(
                    "the answer must be one token, but \" in there\" is 2 tokens: \" in\" + \" there\"; choose a " +
                        "one-token word, or measure logLikelihoodDifference",
                )
        }

        test("a script's own metric reads one token") {
            mistakes { set, _ ->
                val own by sweep(set, metric("own") { it[answer] }) { each(heads) { ablate(it) } }
            }.size shouldBe 1
        }

        test("prompts that do not fit with their answers, and answers that contain one another") {
            mistakes { set, _ ->
                val texts by generate(set, tokens = 2, score = containsAnswer)
                val long = contrasts {
                    contrast("the [cat] sat", answer = List(24) { " down" }.joinToString(""))
                    contrast("the [dog] sat", answers = listOf(" on", " on it"))
                }
                val likely by sweep(long, logLikelihood) { each(heads) { ablate(it) } }
                val mean by sweep(long, perToken(logLikelihood)) { each(heads) { ablate(it) } }
            } shouldContainExactly
                listOf(
                    "the prompt of \"cat\" has 3 tokens, and the 24 of its longest answer exceed the model's " +
                        "context of " +
                        "24; shorten the prompt or the answer",
                    "logLikelihood adds the probabilities of several answers, but in \"dog\" every text with \" " +
                        "on it\" " +
                        "also begins with \" on\" and would count twice; leave the longer one out",
                    "the prompt of \"cat\" has 3 tokens, and the 24 of its longest answer exceed the model's " +
                        "context of " +
                        "24; shorten the prompt or the answer",
                )
        }

        test("edits without values at the answer's positions") {
            mistakes { set, lm ->
                val meant by sweep(set, logLikelihood) { each(heads) { ablate(it, with = positionMean) } }
                val drawn by jointAblation(set, logLikelihood, meant, sizes = 1..1, draws = 19, with = resample)
                val pairs by interaction(set, logLikelihood, listOf(Head(0, 0), Head(0, 1)), with = resample)
                val placed by sweep(set, logLikelihood) {
                    each(listOf(0)) { layer -> hook(lm.blocks[layer].mlpOut) { x, at -> x.mul(at.draw) } }
                }
                val fine by sweep(set, logLikelihood) { each(heads) { ablate(it, with = mean) } }
                val there by sweep(set, logLikelihood) { each(heads) { ablate(it, with = positionMean).at(last) } }
            } shouldContainExactly
                listOf("positionMean", "resample", "resample").map {
                    "$it has values for the prompt's positions alone, but logLikelihood also runs those of the " +
                        "answer; name " +
                        "positions with .at(...), or use zero or mean"
                } + listOf(
                    "the function at blocks.0.hook_mlp_out asks for the positions that it edits, which differ " +
                        "between the " +
                        "answers that logLikelihood runs; take the activation alone, or name positions with .at(...)",
                )
        }

        test("estimates of several answers, sizes of differences, edges and metrics without a sign") {
            mistakes { set, _ ->
                val two = contrasts { contrast("the [cat] sat", answers = listOf(" in it", " on")) }
                val several by sweep(two, logLikelihood, by = gradient) { each(heads) { ablate(it) } }
                val sizes by sweep(set, logLikelihoodDifference, by = gradient(backward(writes = dropped))) {
                    each(heads) { ablate(it) }
                }
                val ranked by edgeAttribution(set, logLikelihoodDifference)
                val shares by behaviour(set, metric = logLikelihood)
            } shouldContainExactly
                listOf(
                    "an estimate of logLikelihood is linear in one answer's log-likelihood, but \"cat\" has " +
                        "several answers " +
                        "or foils; name one of each, or leave out by = to compute the sweep",
                    "estimates with writes = dropped are sizes without a sign, but logLikelihoodDifference " +
                        "subtracts the " +
                        "foil's; use logLikelihood, or leave writes = dropped out",
                    "edges and circuits are measured at one position, but logLikelihoodDifference reads one for " +
                        "each token " +
                        "of the answer; use logProbability or logitDifference with answers of one token, or " +
                        "sweep heads or " +
                        "layers",
                    "the metric of behaviour must be logitDifference or logLikelihoodDifference; found logLikelihood",
                )
        }
    })

private fun mistakes(words: ExperimentScope.(Contrasts<CausalLm>, Model<CausalLm>) -> Unit): List<String> =
    script { lm ->
        val set = contrasts {
            contrast("the [cat] sat", " in there", "the [dog] sat", " here")
            contrast("the [bird] sat", " there", "the [fish] sat", " here")
        }
        words(set, lm)
    }.mistakes().map { it.message }
