package dev.kausal.run

import dev.kausal.dsl.ablate
import dev.kausal.dsl.knows
import dev.kausal.dsl.logit
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.prefersAnswer
import dev.kausal.dsl.sweep
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.tensor.Torch
import dev.kausal.spec.DropFact
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.missingBlankText
import dev.kausal.spec.positionLabels
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.util.Locale

/** What a filter drops, and answers without their blank, with the numbers of a small random Llama. */
class MissingBlanksTest :
    FunSpec({
        val model = HookedModel.open(tinyLlama)
        afterSpec { model.close() }

        fun logits(prompt: PromptSpec): FloatArray =
            Torch.manager().use { manager ->
                model.lastLogits(listOf(prompt.ids.toIntArray()), model.noHooks(), manager).toFloatArray()
            }

        fun study(
            answer: String,
            foil: String,
        ) = tinyStudy(model) {
            val set = contrasts { contrast("in the [hall] of", answer, "in the [house] of", foil) }
            val needed by sweep(set, logitDifference) { each(heads) { ablate(it) } }
            report { heatmap(needed) }
        }

        test("both forms of an answer without its blank are measured in both runs") {
            val study = study("red", "blue")
            val contrast = study.spec.contrasts.single().contrasts.single()
            val found = study.run(model).missingBlanks.single()
            found.contrasts shouldBe "contrasts"
            found.label shouldBe "hall"
            val (answer, foil) = contrast.answer!! to contrast.foil!!
            for ((forms, prompt) in listOf(found.clean to contrast.clean, found.corrupted!! to contrast.corrupted!!)) {
                val all = logits(prompt)
                forms.written shouldBe (all[answer.id].toDouble() - all[foil.id]).plusOrMinus(1e-4)
                forms.spaced shouldBe (all[answer.spaced!!].toDouble() - all[foil.spaced!!]).plusOrMinus(1e-4)
            }
            missingBlankText("facts", listOf(found)) shouldContain
                "1 contrast of facts: no leading blank in \"red\", \"blue\""
        }
        test("the plan says which answers lack their blank, before anything is run") {
            missingBlankText(study("red", " blue").spec)!! shouldContain
                "1 contrast of contrasts: no leading blank in \"red\", although"
            missingBlankText(study(" red", " blue").spec) shouldBe null
        }
        test("the plan names every answer of a set that lacks its blank") {
            val study =
                tinyStudy(model) {
                    val set =
                        contrasts {
                            contrast("in the [hall] of", listOf(" red", "blue"), "in the [house] of", listOf(" green"))
                        }
                    val needed by sweep(set, logitDifference) { each(heads) { ablate(it) } }
                    report { heatmap(needed) }
                }
            missingBlankText(study.spec)!! shouldContain
                "1 contrast of contrasts: no leading blank in \"blue\", although"
        }
        test("answers with their blank are not measured twice") {
            study(" red", " blue").run(model).missingBlanks.shouldBeEmpty()
        }
        test("a foil alone may lack it") {
            val found = study(" red", "blue").run(model).missingBlanks.single()
            found.answer.spaced shouldBe null
            missingBlankText("facts", listOf(found)) shouldContain "no leading blank in \"blue\","
        }

        test("a contrast that prefers its answer, but by less than the margin, is not said to prefer the foil") {
            fun dropped(margin: Double) =
                shouldThrow<NothingKept> {
                    tinyStudy(model) {
                        val set = contrasts { contrast("in the [hall] of", " red", "in the [house] of", " blue") }
                        val needed by sweep(set.filter(prefersAnswer(margin)), logitDifference) {
                            each(heads) { ablate(it) }
                        }
                        report { heatmap(needed) }
                    }.run(model)
                }.message!!
            val contrast = study(" red", " blue").spec.contrasts.single().contrasts.single()
            val all = logits(contrast.clean)
            val difference = all[contrast.answer!!.id].toDouble() - all[contrast.foil!!.id]
            val shown = "%.3f".format(Locale.ROOT, difference).replace("-", "\u2212")
            dropped(1000.0) shouldContain
                "does not keep the only example of contrasts.filter(prefersAnswer(margin = 1000.0)): the clean run's logit difference is not above 1000 ($shown). "
        }
        test("what is dropped is known by its numbers") {
            val filter =
                tinyStudy(model) {
                    val set =
                        contrasts {
                            for (word in listOf("hall", "house", "tower", "garden")) {
                                contrast("in the [$word] of", " $word", foil = " red")
                            }
                        }.filter(prefersAnswer())
                    val needed by sweep(set, logitDifference) { each(heads) { ablate(it) } }
                    report { heatmap(needed) }
                }.run(model).filters.single()
            for (dropped in filter.dropped) {
                val fact = dropped.fact.shouldBeInstanceOf<DropFact.Margin>()
                (fact.difference <= 0.0) shouldBe true
                dropped.reason shouldBe fact.rule
            }
            filter.kept.size + filter.dropped.size shouldBe 4
        }
        test("a filter that keeps nothing since candidates lack their blank says so") {
            shouldThrow<NothingKept> {
                tinyStudy(model) {
                    val set = contrasts {
                        contrast("in the [hall] of", " zebra", foil = " red", candidates = listOf("house", "tower"))
                    }
                    val needed by sweep(set.filter(prefersAnswer(1000.0)), logit) { each(heads) { ablate(it) } }
                    report { heatmap(needed) }
                }.run(model)
            }.message!! shouldContain "no leading blank in the candidates \"house\", \"tower\""
        }
        test("a filter that keeps nothing since blanks are missing says so") {
            shouldThrow<NothingKept> {
                tinyStudy(model) {
                    val set = contrasts { contrast("in the [hall] of", "zebra", "in the [house] of", "blue") }
                    val needed by sweep(set.filter(knows()), logitDifference) { each(heads) { ablate(it) } }
                    report { heatmap(needed) }
                }.run(model)
            }.message!! shouldContain "no leading blank in \"zebra\", \"blue\""
        }

        test("parts of different characters do not count as one token in labels, though they look alike") {
            fun prompt(
                vararg ids: Int,
            ) = PromptSpec("x", ids.toList(), ids.map { if (it >= 100) "\ufffd" else "t$it" })
            positionLabels(listOf(prompt(1, 100, 7), prompt(1, 101, 7))) shouldBe listOf("t1", "1", "t7")
            positionLabels(listOf(prompt(1, 100), prompt(1, 100))) shouldBe listOf("t1", "\ufffd")
        }
    })
