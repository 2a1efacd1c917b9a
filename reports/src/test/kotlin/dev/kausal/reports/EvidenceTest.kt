package dev.kausal.reports

import dev.kausal.bundle.Bundle
import dev.kausal.reports.page.ComparisonPage
import dev.kausal.reports.page.ReportPage
import dev.kausal.reports.page.differences
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.comparisons
import dev.kausal.reports.stories.conclusions
import dev.kausal.reports.stories.controlSentences
import dev.kausal.spec.Change
import dev.kausal.spec.Control
import dev.kausal.spec.ControlKind
import dev.kausal.spec.Correction
import dev.kausal.spec.Dropped
import dev.kausal.spec.FilterResult
import dev.kausal.spec.Grouping
import dev.kausal.spec.Inferred
import dev.kausal.spec.IntervalKind
import dev.kausal.spec.Result
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain

/** What a careful reader is told, from numbers made for it. */
class EvidenceTest :
    FunSpec({
        val inferred =
            Inferred(0.95, IntervalKind.BiasCorrected, 12, Grouping.Subject, 4096, true, Correction.FamilyWise)
        val bundle = Fixtures.bundle(2)

        fun replaced(name: String, change: (Result) -> Result): ResultGrid {
            val result = bundle.results.results.first { it.name == name }
            return ResultGrid(change(result), bundle.spec)
        }

        fun tested(p: Double) =
            replaced("ablate heads") { result ->
                val cells = result.mean.size
                val shift = result.mean.map { it?.minus(3.2) }
                result.copy(
                    pCorrected = List(cells) { if (it == 18 * Fixtures.HEADS + 4) p else 1.0 },
                    change =
                        Change(shift, List(cells) { 0.1 }, shift.map { it?.minus(0.2) }, shift.map { it?.plus(0.2) }),
                    inference = inferred,
                )
            }

        test("an effect is named with its interval, its p and its sample") {
            val text = conclusions(tested(0.01)).joinToString(" ")
            text shouldContain "1 of 270 cells differs from no effect at p < 0.05."
            text shouldContain "whose ablation hurts are necessary"
            text shouldNotContain "suffices"
        }

        test("no evidence of an effect is called that") {
            conclusions(tested(0.06)).single() shouldContain "None of 270 cells differs from no effect"
        }

        test("patching that restores nothing is called a failure, and sufficiency is not necessity") {
            val grid =
                replaced("trace") { result ->
                    result.copy(
                        ciLow = result.mean.map { it?.minus(0.01) },
                        ciHigh = result.mean.map { it?.plus(0.01) },
                        pCorrected = result.mean.map { if (it != null && it > 0.5) 0.01 else 1.0 },
                        inference = inferred,
                    )
                }
            val text = conclusions(grid).joinToString(" ")
            text shouldContain "the clean activation suffices, not that it is necessary"
            val little = grid.result.mean.count { it != null && it + 0.01 < 0.1 && it - 0.01 > -0.1 }
            text shouldContain
                "$little of ${grid.result.mean.count { it != null }} cells recover less than 0.1, interval included."
        }

        test("a failed control is an alarm, a passed one a sentence, a null a comparison") {
            val controls =
                listOf(
                    Control(ControlKind.Identity, 3, 0.0, listOf(0.0, 0.0), 0.0, deviation = 0.0, passed = true),
                    Control(
                        ControlKind.FullStream,
                        3,
                        1.0,
                        listOf(1.0, 0.5),
                        0.75,
                        deviation = 0.5,
                        passed = false,
                        allowed = 1.2e-5,
                    ),
                    Control(ControlKind.RandomDirection, 3, null, listOf(0.1, 0.3), 0.2, 0.1, 0.3),
                )
            val grid = replaced("trace") { it.copy(controls = controls, inference = inferred) }
            val text = conclusions(grid).joinToString(" ")
            text shouldContain
                "A control failed: the full-stream patch is off by 0.500. Do not trust these numbers."
            controlSentences(grid).single() shouldContain
                "identity patch 0, off by at most 0; full-stream patch must be 1, " +
                "off by 0.500 (float32 rounding: 1.2e-05): do not trust this figure."
            comparisons(grid).single() shouldContain "random directions of equal norm 0.200 (0.100 to 0.300)."
        }

        test("what a filter dropped, and why, is on the page, and its prompts are not") {
            val set = bundle.spec.contrasts.single().name
            val dropped =
                Dropped("Eiffel Tower 2", "the answer is not among the 1 likeliest tokens of the clean prompt")
            val filter = FilterResult(set, "knows(rank = 1)", 2, listOf(0), listOf(dropped))
            val page = ReportPage.render(bundle.copy(results = bundle.results.copy(filters = listOf(filter))))
            page shouldContain ": knows(rank = 1) keeps 1 of 2 contrasts."
            page shouldContain "In 1, the answer is not"
            page shouldContain "<strong>landmarks</strong>: 1 contrast, such as"
        }

        test("two bundles are compared on one page, with what differs and with no difference") {
            val other = bundle.copy(results = bundle.results.copy(results = bundle.results.results.map { shifted(it) }))
            val page = ComparisonPage.render(listOf("a" to bundle, "b" to other))
            page shouldContain "a and b"
            page shouldNotContain "<script src"

            fun trace(b: Bundle) = ResultGrid(b.results.results.first { it.name == "trace" }, b.spec)
            val grids = listOf(bundle, other).map(::trace)
            differences("a", grids[0], "b", grids[1]).sentences.single() shouldContain
                "b and a share 2 examples: too few for a test"
            val many = trace(Fixtures.bundle(8))

            fun moved(by: Double): ResultGrid {
                val rows = many.result.perExample.map { row -> row.map { it?.plus(by) } }
                return ResultGrid(many.result.copy(perExample = rows), bundle.spec)
            }
            differences("a", many, "a again", moved(1e-8)).sentences.single() shouldContain
                "No difference found between a again and a"
            differences("a", many, "b", moved(0.1)).sentences.single() shouldContain
                "b differs from a in 270 of 300 cells"
            val moved = differences("a", many, "b", moved(0.1)).grid.shouldNotBeNull()
            moved.mean(126)!! shouldBe (0.1 plusOrMinus 1e-9)
            moved.interval(126).shouldNotBeNull().let { (low, high) ->
                (low < 0.1 + 1e-6 && 0.1 - 1e-6 < high) shouldBe
                    true
            }
            moved.centre shouldBe 0.0
            differences("a", grids[0], "b", grids[1]).grid.shouldNotBeNull().interval(126) shouldBe null
            page shouldContain "<strong>b minus a. </strong>"
            page.split("<svg").size shouldBe page.split("</svg>").size
        }
    })

/** Two examples are too few for any difference to be claimed, however large. */
private fun shifted(result: Result): Result =
    result.copy(
        perExample = result.perExample.map { row -> row.map { it?.plus(5.0) } },
        mean = result.mean.map { it?.plus(5.0) },
    )
