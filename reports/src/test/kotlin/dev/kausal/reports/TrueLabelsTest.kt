package dev.kausal.reports

import dev.kausal.bundle.Bundle
import dev.kausal.reports.page.ReportPage
import dev.kausal.reports.page.numbersJson
import dev.kausal.reports.page.readingPlace
import dev.kausal.reports.page.visible
import dev.kausal.reports.page.visibleJson
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.result.evidence
import dev.kausal.spec.AnswerRole
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ContrastSetSpec
import dev.kausal.spec.DropFact
import dev.kausal.spec.Dropped
import dev.kausal.spec.ExperimentSpec
import dev.kausal.spec.FilterResult
import dev.kausal.spec.ImageSpec
import dev.kausal.spec.MissingBlank
import dev.kausal.spec.OutputKind
import dev.kausal.spec.Results
import dev.kausal.spec.TokenSpec
import dev.kausal.spec.TwoForms
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain

/** Labels and statements that were untrue, or missing, on the page. */
class TrueLabelsTest :
    FunSpec({
        val bundle = Fixtures.bundle(2)
        val set = bundle.spec.contrasts.single()

        fun withSets(vararg sets: ContrastSetSpec): Bundle =
            bundle.copy(spec = bundle.spec.copy(contrasts = sets.toList()))

        test("answers without their blank are on the page, with both numbers") {
            val missing =
                MissingBlank(
                    set.name,
                    "Kremlin",
                    TokenSpec("Moscow", 1, 2),
                    TokenSpec("London", 3, 4),
                    TwoForms(-0.25, 12.5),
                    TwoForms(0.5, -11.0),
                )
            val page = ReportPage.render(bundle.copy(results = bundle.results.copy(missingBlanks = listOf(missing))))
            page shouldContain "1 contrast of landmarks: no leading blank in &quot;Moscow&quot;, &quot;London&quot;"
            page shouldContain "the logit difference would be 12.500 instead of \u22120.250 in the clean run and " +
                "\u221211.000 instead of 0.500 in the corrupted run."
            ReportPage.render(bundle) shouldNotContain "no leading blank"
        }

        test("the header counts contrasts that an analysis uses, each once") {
            val other = set.copy(name = "contrasts-2", contrasts = set.contrasts.map { it.copy(label = "unused") })
            ReportPage.render(withSets(set, other)) shouldContain "\u00b7 2 examples \u00b7"
            ReportPage.render(withSets(set, other)) shouldContain "; no analysis uses it."
        }

        test("sets have the script's names") {
            val page = ReportPage.render(withSets(set.copy(label = "facts")))
            page shouldContain "<strong>facts</strong>: 2 contrasts"
            page shouldContain "(facts, line 12)"
            page shouldNotContain "(landmarks, line"
        }

        test("a dropped contrast has its number beside it") {
            val dropped = Dropped("Parthenon", DropFact.Margin(12.88, 13.2))
            val filter = FilterResult(set.name, "prefersAnswer(margin = 13.2)", 2, listOf(0), listOf(dropped))
            ReportPage.render(bundle.copy(results = bundle.results.copy(filters = listOf(filter)))) shouldContain
                "In 1, the clean run&#39;s logit difference is not above 13.2: Parthenon (12.880)."
                    .replace("&#39;", "'")
            DropFact.Rank(AnswerRole.Answer, 7, 1, OutputKind.Class, true).text shouldBe
                "the answer is not the likeliest class of the clean image (rank 7)"
            DropFact.Rank(AnswerRole.Foil, 7, 5, OutputKind.Token, false).text shouldBe
                "the foil is not among the 5 likeliest tokens of the corrupted prompt (rank 7)"
        }

        test("logits are read where the model and its inputs say, and only there") {
            fun place(spec: ExperimentSpec) = readingPlace(spec)

            fun spec(
                classes: List<String> = emptyList(),
                read: Int? = null,
                image: ImageSpec? = null,
            ): ExperimentSpec {
                val contrasts = set.contrasts.map { c ->
                    c.copy(
                        clean = c.clean.copy(read = read, image = image),
                        corrupted = c.corrupted?.copy(read = read, image = image),
                    )
                }
                return bundle.spec.copy(
                    model = bundle.spec.model.copy(classes = classes),
                    contrasts = listOf(set.copy(contrasts = contrasts)),
                )
            }
            place(spec()) shouldBe "Logits are read at the last position."
            place(spec(read = 3)) shouldBe "Logits are read at the mask."
            place(spec(listOf("a", "b"))) shouldBe "Logits are those of the text's classes."
            place(spec(listOf("a", "b"), read = 2)) shouldBe
                "Logits are those of the classes at the marked word's first token."
            place(spec(listOf("a", "b"), image = ImageSpec("0", 4, 4, 2, 2, "p.png"))) shouldBe
                "Logits are those of the image's classes."
            val page = ReportPage.render(bundle.copy(spec = spec(read = 3)))
            page shouldContain "Logits are read at the mask."
            page shouldNotContain "minus the foil's, at the last position"
        }

        test("a p that no data could make significant is not shown, in words or on hover") {
            val result = bundle.results.results.first { it.name == "trace" }

            fun withSample(clusters: Int) =
                result.copy(
                    pCorrected = result.mean.map { 0.5 },
                    inference = StoryFixtures.inferred(clusters),
                )

            fun carried(clusters: Int) = numbersJson(Results(results = listOf(withSample(clusters))), bundle.spec)
            for (few in listOf(1, 3, 5)) {
                evidence(ResultGrid(withSample(few), bundle.spec), 0) shouldNotContain "p ="
                carried(few) shouldNotContain "pCorrected"
            }
            evidence(ResultGrid(withSample(6), bundle.spec), 0) shouldContain "p = 0.500"
            carried(6) shouldContain "\"pCorrected\":\"f32:"
        }

        test("controls never reach the page, in whatever text they are") {
            val control = "a\u0000b\u0007c\u001bd\u007fe\u0085f\u202eg"
            val results =
                bundle.results.results.map { result ->
                    result.copy(
                        examples = result.examples.map { it + control },
                        axes = result.axes.map { AxisSpec(it.name, it.labels.map { label -> label + control }) },
                    )
                }
            val contrasts = set.contrasts.map { it.copy(label = control) }
            val spec = bundle.spec.copy(contrasts = listOf(set.copy(contrasts = contrasts)))
            val page = ReportPage.render(bundle.copy(spec = spec, results = bundle.results.copy(results = results)))
            page.filter { (it < ' ' && it !in "\n\t") || it in "\u007f\u0085\u202e" } shouldBe ""
            page shouldNotContain "\\u0000"
            page shouldContain "a\u2400b\u2407c\u241bd\u2421e\ufffdf\ufffdg"
        }
        test("escapes of texts are not taken for others") {
            visibleJson("\"a\\\\u0000b\"") shouldBe "\"a\\\\u0000b\""
            visibleJson("\"a\\u0000\\n\\r\\b\\f\\u001b\\u00e9\\\"\"") shouldBe
                "\"a\u2400\\n\u240d\u2408\u240c\u241b\\u00e9\\\"\""
            visible("plain") shouldBe "plain"
        }
    })
