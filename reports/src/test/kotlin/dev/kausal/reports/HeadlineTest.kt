package dev.kausal.reports

import dev.kausal.reports.page.ReportPage
import dev.kausal.reports.page.SharedText
import dev.kausal.reports.page.certainty
import dev.kausal.reports.page.limits
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.conclusions
import dev.kausal.reports.stories.headline
import dev.kausal.reports.words.labelWords
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CellAudit
import dev.kausal.spec.Control
import dev.kausal.spec.ControlKind
import dev.kausal.spec.Correction
import dev.kausal.spec.Grouping
import dev.kausal.spec.Inferred
import dev.kausal.spec.IntervalKind
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain

/** The summary's sentences, from numbers made for them. */
class HeadlineTest :
    FunSpec({
        val bundle = Fixtures.bundle(2)

        fun inferred(clusters: Int) =
            Inferred(0.95, IntervalKind.BiasCorrected, clusters, Grouping.Subject, 4999, false, Correction.FamilyWise)

        fun statements(grids: List<ResultGrid>) = certainty(grids) + limits(grids, SharedText(grids.map { it.result }))

        fun trace(clusters: Int, p: Double): ResultGrid {
            val result = bundle.results.results.first { it.name == "trace" }
            return ResultGrid(
                result.copy(
                    ciLow = result.mean.map { it?.minus(0.01) },
                    ciHigh = result.mean.map { it?.plus(0.01) },
                    pCorrected = result.mean.map { it?.let { value -> if (value > 0.5) p else 1.0 } },
                    inference = inferred(clusters),
                ),
                bundle.spec,
            )
        }

        test("a trace's headline says up to which layer and from which the answer is where, with intervals") {
            val text = headline(trace(40, 0.0002))
            text shouldContain "at position 6 (Tower) up to layer 15 (0."
            text shouldContain "at position 9 (is) from layer 20 on (0.612"
            text shouldNotContain "layer 29"
        }

        test("no effect is no effect, and too few examples are no test at all") {
            headline(trace(40, 0.2)) shouldContain "No cell is shown to restore half of the logit difference"
            val few = headline(trace(3, 1.0))
            few shouldContain "3 independent examples are too few for a test"
            few shouldNotContain "is shown to have"
            conclusions(trace(3, 1.0)).joinToString(" ") shouldNotContain "differs from no effect"
        }

        val quantities = AxisSpec("quantity", listOf("answer, clean", "answer, corrupted", "turned", "shift"))
        val behaviour =
            Result(
                name = "said",
                kind = ResultKind.Behaviour,
                metric = "logitDifference",
                axes = listOf(AxisSpec("template", listOf("guess")), quantities),
                examples = List(30) { "$it" },
                shape = listOf(1, 4),
                perExample = List(30) { List(4) { 0.0 } },
                mean = List(4) { 0.0 },
                ciLow = List(4) { 0.0 },
                ciHigh = List(4) { 0.0 },
                inference = inferred(30),
            )

        test("a share that is the same in all examples has a bound all the same") {
            headline(ResultGrid(behaviour, bundle.spec)) shouldContain "guess 0 % (0 % to 10 %) of 30"
        }

        test("rank correlations are told pair by pair, without a ranking's correlation with itself") {
            val names = listOf("a", "b")
            val ranks =
                behaviour.copy(
                    kind = ResultKind.RankCorrelation,
                    axes = listOf(AxisSpec("ranking", names), AxisSpec("other ranking", names)),
                    mean = listOf(1.0, 0.4, 0.4, 1.0),
                    ciLow = listOf(null, 0.2, 0.2, null),
                    ciHigh = listOf(null, 0.6, 0.6, null),
                    inference = null,
                )
            val text = headline(ResultGrid(ranks, bundle.spec))
            text shouldContain "a and b 0.400 (0.200 to 0.600)"
            text shouldNotContain "1.000"
        }

        test("a measure is told by its range and unit, with the places of both ends") {
            headline(ResultGrid(ImageFixtures.entropy(2), ImageFixtures.bundle().spec)) shouldBe
                "Attention entropy (nats): 1.400 (layer 3, head 2) to 3.000 (layer 0, head 0)."
        }

        test("what holds for all results is said once, and a control that failed is never lost in it") {
            val passed = Control(ControlKind.Identity, 3, 0.0, listOf(0.0), 0.0, deviation = 0.0, passed = true)
            val grid = trace(40, 0.01)
            val good = ResultGrid(grid.result.copy(controls = listOf(passed, passed)), bundle.spec)
            val notes = statements(listOf(good))
            notes.first { "controls" in it } shouldBe "All 2 controls with a known outcome passed."
            notes.first { "Samples" in it } shouldContain "trace on 2 examples of 40 subjects"
            val one = ResultGrid(grid.result.copy(controls = listOf(passed)), bundle.spec)
            statements(listOf(one)).first { "control" in it } shouldBe "The one control with a known outcome passed."
            val fail = ResultGrid(grid.result.copy(controls = listOf(passed.copy(passed = false))), bundle.spec)
            statements(listOf(fail)).first { "failed" in it } shouldContain "1 of 1 control failed"
            notes.filter { "tests sufficiency, not necessity" in it } shouldHaveSize 1
            notes.filter { "In any model" in it } shouldHaveSize 1
            val bad = ResultGrid(grid.result.copy(controls = listOf(passed, passed.copy(passed = false))), bundle.spec)
            statements(listOf(bad)).first { "controls" in it } shouldContain "1 of 2 controls failed"
        }

        test("a note that all results share names none of them, unless they are few") {
            val noted = { name: String -> trace(40, 0.01).result.copy(name = name, notes = listOf("Mind the gap.")) }

            fun notes(vararg names: String) =
                statements(names.map { ResultGrid(noted(it), bundle.spec) }).filter { "gap" in it || "Samples" in it }
            notes("a", "b", "c") shouldBe
                listOf("Samples: a, b and c on 2 examples of 40 subjects.", "a, b and c: Mind the gap.")
            notes("a", "b", "c", "d") shouldBe
                listOf("Samples: all results on 2 examples of 40 subjects.", "All results: Mind the gap.")
        }

        test("a rank is told with the head or layer that has it") {
            labelWords("rank", 1, "2 (0.13)") shouldBe "rank 2 (L0H13)"
            labelWords("rank", 0, "1 (7)") shouldBe "rank 1 (layer 7)"
            labelWords("rank", 2, "3") shouldBe "rank 3"
            labelWords("token", 0, "(0.1)") shouldBe "token (0.1)"
        }

        test("each intervention's audit is on the page") {
            val cells = 300
            val audit = CellAudit(List(cells) { 2 }, List(cells) { if (it == 5) 2 else 0 }, List(cells) { it / 10.0 })
            val results =
                bundle.results.results.map { if (it.name == "trace") it.copy(cellAudit = audit) else it }
            val page = ReportPage.render(bundle.copy(results = bundle.results.copy(results = results)))
            page shouldContain "300, each fired 2 times"
            page shouldContain "2 in 1 intervention"
            page shouldContain "Each intervention of trace"
            page shouldContain "<td>2 of 2</td>"
        }
    })
