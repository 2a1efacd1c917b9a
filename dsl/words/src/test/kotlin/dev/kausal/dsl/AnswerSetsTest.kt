package dev.kausal.dsl

import dev.kausal.dsl.bind.ContrastFile
import dev.kausal.dsl.declare.InputSource
import dev.kausal.dsl.mistakes.Mistake
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.SweepSpec
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Files

private fun messages(set: ContrastsScope.() -> Unit): List<String> =
    script {
        val years = contrasts { set() }
        val swept by sweep(years, logitDifference) { each(layers) { patch(clean, corrupted, it) } }
        report { table(swept) }
    }.mistakes().map { it.message }

private fun placed(
    place: Place,
    prompt: String = "The [war] lasted long",
): List<String> =
    script { lm ->
        val years = contrasts { contrast(prompt, " a") }
        val own = metric("own", at = place) { 0.0 }
        val swept by sweep(years, own) { each(layers) { ablate(lm.blocks[it].mlpOut) } }
        report { table(swept) }
    }.mistakes().map { it.message }

class AnswerSetsTest :
    FunSpec({
        test("a set of answers, the first of which is the answer") {
            val tokenizer = FakeTokenizer()
            val declared =
                script {
                    val years =
                        contrasts {
                            contrast(
                                "The war lasted to",
                                listOf(" a", " b"),
                                "The war went to",
                                listOf(" c", " d", " e"),
                            )
                        }
                    val swept by sweep(years, probabilityDifference) { each(layers) { patch(clean, corrupted, it) } }
                    report { table(swept) }
                }
            val spec = inTestFile { declared.bind(facts(tokenizer = tokenizer)) }.spec
            val contrast = spec.contrasts.single().contrasts.single()
            contrast.answer!!.text shouldBe " a"
            contrast.answers.map { it.id } shouldContainExactly listOf(" a", " b").map { tokenizer.id(it) }
            contrast.foils.map { it.text } shouldContainExactly listOf(" c", " d", " e")
            (spec.analyses.single() as SweepSpec).metric shouldBe MetricSpec.ProbabilityDifference
        }
        test("mistakes in sets, all at once") {
            messages {
                contrast("The war lasted", listOf(" a", " b", " a"), "The war was", listOf(" c"))
                contrast("The war lasted", listOf(" a", " b"), "The war was", listOf(" c", " b"))
                contrast("The war lasted", listOf(" a", "Rome"), "The war was", listOf(" c"))
                contrast("The war lasted", emptyList(), "The war was", listOf(" c"))
            } shouldBe
                listOf(
                    "answers must be different tokens; found \" a\" twice",
                    "answer and foil must differ, but both are \" b\"; " +
                        "the foil is the right continuation of the corrupted prompt",
                    "the answer must be one token, but \"Rome\" is 2 tokens: \"Ro\" + \"me\"; " +
                        "did you mean \" Rome\", with a leading blank?",
                    "answers must be one answer or more; found none",
                )
        }
        test("files have lists of answers and foils") {
            val file = Files.createTempDirectory("kausal").resolve("years.json")
            Files.writeString(
                file,
                """[{"clean": "a", "answers": [" b", " c"], "foil": " d", "foils": [" e"]}, """ +
                    """{"clean": "a", "foils": [" e"]}]""",
            )
            val mistakes = mutableListOf<Mistake>()
            val read = ContrastFile(file, 3, InputSource::Text, mistakes).read().single()
            read.answers shouldBe listOf(" b", " c")
            read.foils shouldBe listOf(" d", " e")
            mistakes.single().message shouldContain "entry 2 lacks the field \"answer\""
        }
        test("a metric reads a place that its prompts have") {
            placed(subjectLast) shouldBe emptyList()
            placed(everyPosition) shouldBe emptyList()
            placed(Position(9)).single() shouldContain "no position 9 in \"The war lasted long\""
            placed(subjectMiddle).single() shouldContain
                "the place of metric own must be one range of tokens, such as subject, last or everyPosition"
            placed(subject, "The war lasted").single() shouldContain "the place of metric own needs a marked subject"
        }
        test("the spec keeps the place") {
            val declared =
                script {
                    val set = contrasts { contrast("The [war] lasted", " a", "The [peace] lasted", " b") }
                    val own = metric("own", at = subjectLast) { logits -> logits[0, answer] }
                    val swept by sweep(set, own) { each(layers) { patch(clean, corrupted, it) } }
                    report { table(swept) }
                }
            val spec = inTestFile { declared.bind(facts()) }.spec
            (spec.analyses.single() as SweepSpec).metric shouldBe
                MetricSpec.Named("own", 0, PlaceSpec.Span("subject-last"))
        }
    })
