package dev.kausal.run

import dev.kausal.dsl.ContrastsScope
import dev.kausal.dsl.ExperimentScope
import dev.kausal.dsl.ablate
import dev.kausal.dsl.answersAmong
import dev.kausal.dsl.behaviour
import dev.kausal.dsl.clean
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.difference
import dev.kausal.dsl.headDifference
import dev.kausal.dsl.jointAblation
import dev.kausal.dsl.last
import dev.kausal.dsl.logLikelihood
import dev.kausal.dsl.logLikelihoodDifference
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.logitLens
import dev.kausal.dsl.mistakes
import dev.kausal.dsl.on
import dev.kausal.dsl.patch
import dev.kausal.dsl.perTemplate
import dev.kausal.dsl.prefersAnswer
import dev.kausal.dsl.probability
import dev.kausal.dsl.script
import dev.kausal.dsl.sweep
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.tensor.Torch
import dev.kausal.spec.AnswerRole
import dev.kausal.spec.DropFact
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.math.exp
import kotlin.math.ln

private val asked = listOf("a", "b", "c", "d", "e", "f", "g")

/** The question about subject [i], after [before]. */
private fun ContrastsScope.ask(
    i: Int,
    way: String,
    before: String,
) = contrast(
    clean = "q [${asked[i]}] is",
    answer = " x$i",
    corrupted = "$before y$i . q [${asked[i]}] is",
    foil = " y$i",
    label = "${asked[i]} ($way)",
    template = way,
    relation = if (i % 2 == 0) "even" else "odd",
)

/** Differences of sweeps and behaviour beyond controls, on a small random Llama, against sums by hand. */
class DifferenceRunTest :
    FunSpec({
        val model = HookedModel.open(tinyLlama)
        afterSpec { model.close() }

        fun ExperimentScope.two(
            of: List<Int> = asked.indices.toList(),
            minus: List<Int> = asked.indices.toList(),
        ) {
            val sure = contrasts { of.forEach { ask(it, "sure", "sure it is") } }
            val mention = contrasts { minus.forEach { ask(it, "mention", "read of") } }
            val opinion by sweep(sure, logitDifference) {
                each(heads) { head -> patch(from = clean, to = corrupted, head).at(last) }
            }
            val control by sweep(mention, logitDifference) {
                each(heads) { head -> patch(from = clean, to = corrupted, head).at(last) }
            }
            val beyond by difference(opinion, control)
        }

        fun effects(result: Result): Map<String, List<Double>> =
            result.examples.mapIndexed { row, label ->
                label.substringBefore(' ') to
                    result.perExample[row].map { it!! - result.baseline.getValue("corrupted")[row]!! }
            }.toMap()

        test("effects are subtracted question by question, and what the other lacks is left out and told") {
            val results = tinyStudy(model) {
                two(of = listOf(0, 1, 2, 3, 4, 5), minus = listOf(6, 5, 4, 3, 2))
            }.run(model)
            val beyond = results.named("beyond")
            val opinion = effects(results.named("opinion"))
            val control = effects(results.named("control"))
            beyond.kind shouldBe ResultKind.Difference
            beyond.axes shouldBe results.named("opinion").axes
            beyond.examples.map { it.substringBefore(' ') } shouldContainExactly listOf("c", "d", "e", "f")
            beyond.examples.forEachIndexed { row, label ->
                val subject = label.substringBefore(' ')
                beyond.perExample[row].forEachIndexed { cell, value ->
                    value!! shouldBe
                        (opinion.getValue(subject)[cell] - control.getValue(subject)[cell]).plusOrMinus(1e-9)
                }
            }
            beyond.notes.first() shouldBe
                "Paired by question: 4 examples of opinion with those of control that ask the same. " +
                "Left out, since the other has no such question: 2 of 6 of opinion, 1 of 5 of control."
        }

        test(
            "all questions in both are all paired, with intervals and tests, and heads can be ranked by the difference",
        ) {
            val study =
                tinyStudy(model) {
                    val sure = contrasts { asked.indices.forEach { ask(it, "sure", "sure it is") } }
                    val mention = contrasts { asked.indices.forEach { ask(it, "mention", "read of") } }
                    val opinion by sweep(sure, logitDifference) { each(heads) { ablate(it).on(corrupted) } }
                    val control by sweep(mention, logitDifference) { each(heads) { ablate(it).on(corrupted) } }
                    val beyond by difference(opinion, control)
                    val removed by jointAblation(sure, logitDifference, beyond, sizes = listOf(1), on = corrupted)
                }
            val results = study.run(model)
            val beyond = results.named("beyond")
            beyond.notes.first() shouldBe
                "Paired by question: 7 examples of opinion with those of control that ask the same."
            beyond.examples.size shouldBe asked.size
            beyond.pCorrected.all { it != null && it in 0.0..1.0 } shouldBe true
            beyond.inference!!.clusters shouldBe asked.size
            results.named("removed").kind shouldBe ResultKind.JointAblation
        }

        test("a difference needs two sweeps with one metric, the same axes and questions in common") {
            fun mistakes(words: ExperimentScope.() -> Unit) = script { words() }.mistakes().map { it.message }
            mistakes { two() }.shouldBeEmpty()
            mistakes { two(of = listOf(0, 1), minus = listOf(2, 3)) }.single() shouldContain
                "sets without a common question"
            mistakes {
                val set = contrasts { asked.indices.forEach { ask(it, "sure", "sure it is") } }
                val a by sweep(set, logitDifference) { each(heads) { ablate(it).on(corrupted) } }
                val b by sweep(set, logitDifference) {
                    each(layers) { patch(from = clean, to = corrupted, it).at(last) }
                }
                val c by sweep(set, probability) { each(heads) { ablate(it).on(corrupted) } }
                val d by headDifference(set)
                val axes by difference(a, b)
                val metrics by difference(a, c)
                val kinds by difference(a, d)
                val itself by difference(a, a)
            }.let { found ->
                found.size shouldBe 4
                found.count { "axes 4 layer x 9 head and 4 layer" in it } shouldBe 1
                found.count { "metrics logitDifference and probability" in it } shouldBe 1
                found.count { "two sweeps, or two head differences" in it } shouldBe 1
                found.count { "a twice" in it } shouldBe 1
            }
        }

        test("behaviour beyond controls is paired by question, and a control is not compared with itself") {
            val ways = listOf("sure" to "sure it is", "mention" to "read of", "word" to "like word")
            val study =
                tinyStudy(model) {
                    val set = contrasts {
                        ways.forEach { (way, before) ->
                            asked.indices.forEach { ask(it, way, before) }
                        }
                    }
                    val said by behaviour(set, by = perTemplate, against = listOf("mention", "word"))
                }
            val said = study.run(model).named("said")
            said.axes[1].labels.drop(4) shouldContainExactly
                listOf("turned beyond mention", "shift beyond mention", "turned beyond word", "shift beyond word")
            val shifts =
                said.examples.indices.map {
                    said.baseline.getValue("corrupted")[it]!! -
                        said.baseline.getValue("clean")[it]!!
                }
            asked.indices.forEach { i ->
                for (control in 1..2) {
                    val expected = shifts[i] - shifts[i + control * asked.size]
                    said.perExample[i][3 + 2 * control]!! shouldBe expected.plusOrMinus(1e-9)
                }
            }
            said.mean[8 + 5] shouldBe null
            said.pCorrected[5]!! shouldBe 0.5.plusOrMinus(0.5)
            said.pValue[2] shouldBe null
        }

        test("a control that is no group of the set, or asks other questions, is a mistake") {
            fun mistakes(against: String, minus: List<Int>) =
                script {
                    val set =
                        contrasts {
                            listOf(0, 1).forEach { ask(it, "sure", "sure it is") }
                            minus.forEach { ask(it, "mention", "read of") }
                        }
                    val said by behaviour(set, by = perTemplate, against = against)
                }.mistakes().map { it.message }
            mistakes("mention", listOf(0, 1)).shouldBeEmpty()
            mistakes("mentoin", listOf(0, 1)).single() shouldContain "a template of the set: sure, mention"
            mistakes("mention", listOf(2, 3)).single() shouldContain "which ask other questions"
        }

        /** Log-likelihood of [tokens] after [prompt], by one pass per token. */
        fun likelihood(
            prompt: PromptSpec,
            tokens: List<Int>,
        ): Double =
            tokens.indices.sumOf { i ->
                val ids = (prompt.ids + tokens.take(i)).toIntArray()
                Torch.manager().use { manager ->
                    val logits = model.lastLogits(listOf(ids), model.noHooks(), manager).toFloatArray()
                    logits[tokens[i]] - ln(logits.sumOf { exp(it.toDouble()) })
                }
            }

        test("answersAmong keeps what is likelier than the other answers of its relation, and tells every rank") {
            val study =
                tinyStudy(model) {
                    val known = contrasts {
                        asked.indices.forEach { ask(it, "sure", "sure it is") }
                    }.filter(answersAmong())
                    val said by behaviour(known)
                }
            val filter = study.run(model).filters.single()
            val all = study.spec.contrasts.single().contrasts
            filter.ranks.size shouldBe all.size
            val ranks =
                all.map { contrast ->
                    val rivals =
                        all.filter { it.groups == contrast.groups }.ifEmpty { listOf(contrast) }
                            .flatMap { listOf(it.answer!!.id, it.foil!!.id) }
                    val own = likelihood(contrast.clean, listOf(contrast.answer!!.id))
                    rivals.size to 1 + rivals.count { likelihood(contrast.clean, listOf(it)) > own + 1e-6 }
                }
            filter.ranks.map { it.candidates to it.among } shouldContainExactly ranks
            filter.kept shouldContainExactly ranks.indices.filter { ranks[it].second == 1 }
        }

        test("candidates of several tokens compete with the sum over their tokens") {
            val study =
                tinyStudy(model) {
                    val known =
                        contrasts {
                            asked.indices.forEach {
                                contrast(
                                    "q [${asked[it]}] is",
                                    " x$it",
                                    candidates = listOf(" one two", " three", " x$it"),
                                )
                            }
                        }.filter(answersAmong())
                    val likely by sweep(known, probability) { each(heads) { ablate(it) } }
                }
            val contrasts = study.spec.contrasts.single().contrasts
            contrasts[0].candidates.map { it.ids.size } shouldContainExactly listOf(2, 1, 1)
            val expected =
                contrasts.map { contrast ->
                    val own = likelihood(contrast.clean, listOf(contrast.answer!!.id))
                    1 + contrast.candidates.count { likelihood(contrast.clean, it.ids) > own + 1e-6 }
                }
            val filter = study.run(model).filters.single()
            filter.ranks.map { it.among } shouldContainExactly expected
            filter.kept shouldContainExactly expected.indices.filter { expected[it] == 1 }
        }

        test("answers of several tokens are judged by their log-likelihood if no analysis needs single tokens") {
            fun ContrastsScope.long() =
                asked.indices.forEach {
                    val (answer, foil) = listOf(" x$it is q", " q x$it").let { two ->
                        if (it % 2 ==
                            0
                        ) {
                            two
                        } else {
                            two.reversed()
                        }
                    }
                    contrast("q [${asked[it]}] is", answer, "q [${asked[it]}] q", foil, relation = "r$it")
                }
            val study =
                tinyStudy(model) {
                    val known = contrasts { long() }.filter(answersAmong())
                    val better = contrasts { long() }.filter(prefersAnswer())
                    val said by sweep(known, logLikelihoodDifference) { each(heads) { ablate(it) } }
                    val preferred by sweep(better, logLikelihood) { each(heads) { ablate(it) } }
                }
            val (known, better) = study.spec.contrasts
            known.unfit.shouldBeEmpty()
            val (among, prefers) = study.run(model).filters
            val margins = known.contrasts.map { contrast ->
                likelihood(contrast.clean, contrast.answer!!.ids) - likelihood(contrast.clean, contrast.foil!!.ids)
            }
            among.ranks.map { it.among } shouldContainExactly margins.map { if (it > 0) 1 else 2 }
            better.contrasts.map { it.answer } shouldContainExactly known.contrasts.map { it.answer }
            prefers.kept shouldContainExactly margins.indices.filter { margins[it] > 0 }
            val fact = prefers.dropped.first().fact as DropFact.Margin
            fact.difference shouldBe (margins.first { it <= 0 } plusOrMinus 2e-5)
            fact.rule shouldBe "the clean run's log-likelihood difference is not above 0"
        }

        test("answers of several tokens are dropped with their number if an analysis needs single ones") {
            val study =
                tinyStudy(model) {
                    val known = contrasts {
                        contrast("q [x0] is", " x0 is", "q [x1] is", " x1")
                        contrast("q [x1] is", " x1", "q [x0] is", " x0")
                    }.filter(prefersAnswer(-1000.0))
                    val said by sweep(known, logLikelihoodDifference) { each(heads) { ablate(it) } }
                    val read by sweep(known, logitDifference) { each(heads) { ablate(it) } }
                }
            study.spec.contrasts.single().unfit.single().fact shouldBe
                DropFact.Tokens(AnswerRole.Answer, " x0 is", 2, false)
        }

        test("one candidate is no choice") {
            script {
                val known = contrasts { contrast("q [a] is", " x") }.filter(answersAmong())
                val lens by logitLens(known)
            }.mistakes().single().message shouldContain "one candidate for a"
        }
    })
