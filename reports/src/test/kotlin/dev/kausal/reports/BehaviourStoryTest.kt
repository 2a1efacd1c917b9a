package dev.kausal.reports

import dev.kausal.reports.figure.draw
import dev.kausal.reports.page.rankSentence
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.conclusions
import dev.kausal.reports.stories.headline
import dev.kausal.spec.AnswerRank
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.BehaviourSpec
import dev.kausal.spec.Correction
import dev.kausal.spec.DifferenceSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.FilterResult
import dev.kausal.spec.Grouping
import dev.kausal.spec.Inferred
import dev.kausal.spec.IntervalKind
import dev.kausal.spec.OutputKind
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import org.jsoup.Jsoup

private val quantities =
    listOf("answer, clean", "answer, corrupted", "turned", "shift", "turned beyond mention", "shift beyond mention")

private fun inferred(clusters: Int) =
    Inferred(0.95, IntervalKind.BiasCorrected, clusters, Grouping.Subject, 4999, false, Correction.FamilyWise)

/** Behaviour after `sure` and `mention`, where `sure` shifts by [beyond] more than `mention`. */
private fun said(
    beyond: Double,
    p: Double,
    half: Double = 0.2,
    clusters: Int = 40,
    smallest: Double? = 0.3,
    against: List<String> = listOf("mention"),
): ResultGrid {
    val kept = if (against.isEmpty()) 4 else 6
    val sure = listOf(1.0, 0.29, 0.71, -6.0 + beyond, 0.0, beyond).take(kept)
    val mention = listOf(1.0, 0.29, 0.71, -6.0, null, null).take(kept)
    val means = sure + mention
    val result =
        Result(
            name = "said",
            kind = ResultKind.Behaviour,
            metric = "share, or logit difference",
            axes = listOf(AxisSpec("template", listOf("sure", "mention")), AxisSpec("quantity", quantities.take(kept))),
            examples = List(80) { "$it" },
            shape = listOf(2, kept),
            perExample = List(80) { row -> if (row < 40) sure + mention.map { null } else sure.map { null } + mention },
            mean = means,
            ciLow = means.map { it?.minus(half) },
            ciHigh = means.map { it?.plus(half) },
            pCorrected = means.indices.map { if (it % kept == 3) 0.0002 else p.takeIf { _ -> it == 5 } },
            inference = inferred(clusters),
            smallest = smallest,
        )
    val bundle = Fixtures.bundle(2)
    val spec = BehaviourSpec("said", bundle.spec.contrasts[0].name, null, Grouping.Template, against)
    return ResultGrid(result, bundle.spec.copy(analyses = listOf(spec)))
}

private fun beyond(
    means: List<Double>,
    p: List<Double>,
    clusters: Int = 40,
    smallest: Double? = 0.3,
): ResultGrid {
    val result =
        Result(
            name = "beyond",
            kind = ResultKind.Difference,
            metric = "difference of logitDifference",
            axes = listOf(AxisSpec("layer", listOf("0", "1")), AxisSpec("head", listOf("0", "1"))),
            examples = List(40) { "$it" },
            shape = listOf(2, 2),
            perExample = List(40) { means },
            mean = means,
            ciLow = means.map { it - 0.1 },
            ciHigh = means.map { it + 0.1 },
            pCorrected = p,
            inference = inferred(clusters),
            smallest = smallest,
        )
    val bundle = Fixtures.bundle(2)
    val spec = DifferenceSpec("beyond", bundle.spec.contrasts[0].name, null, "afterOpinion", "afterMention")
    return ResultGrid(result, bundle.spec.copy(analyses = listOf(spec)))
}

/** The cells of the tables of a figure, without their heads. */
private fun tables(grid: ResultGrid): List<List<List<String>>> =
    Jsoup.parse(draw(FigureKind.Bars, grid, "f", "").html).select("table").map { table ->
        table.select("tbody tr").map { row -> row.select("th, td").map { it.text() } }
    }

/** What the table says of `sure` beyond `mention`. */
private fun finding(grid: ResultGrid): String = tables(grid)[1].first().last()

private const val UNANSWERED =
    "Not answered by the model, which prefers the answer in no more than half of the clean prompts"

/** The sentences about behaviour, differences and knowledge, and when each must not be written. */
class BehaviourStoryTest :
    FunSpec({
        val further = "Larger shift to the foil than in mention"
        val none = "is not shown to shift it further than mention"

        test("a group that moves the answer further than the controls is named with its interval and p") {
            val text = headline(said(-0.9, 0.001))
            text shouldContain "Flips from answer to foil in the controls: mention 71 %"
            text shouldContain "$further: sure " +
                "(\u22120.900 beyond mention, \u22121.100 to \u22120.700; p = 0.001)."
            text shouldNotContain none
            finding(said(-0.9, 0.001)) shouldBe "larger shift to the foil"
        }

        test("a group that does as much as a mention is not said to do more, nor to do nothing") {
            for (grid in listOf(said(0.05, 0.6), said(-0.1, 0.02), said(0.5, 0.001), said(-0.9, 0.2))) {
                val text = headline(grid)
                text shouldContain none
                text shouldNotContain further
                text shouldNotContain "no effect of"
            }
            headline(said(0.5, 0.001)) shouldContain "Smaller than in mention: sure."
            headline(said(0.05, 0.6)) shouldNotContain "Smaller than"
            finding(said(0.5, 0.001)) shouldBe "smaller shift"
        }

        test("questions that the model answers no better than chance are said to be unanswered, others are not") {
            val answered = said(-0.9, 0.001)
            headline(answered) shouldNotContain UNANSWERED
            val half = answered.result.mean.mapIndexed { i, value -> if (i == 0) 0.5 else value }
            val low = answered.result.ciLow.mapIndexed { i, value -> if (i == 0) 0.42 else value }
            val chance = answered.with(answered.result.copy(mean = half, ciLow = low))
            headline(chance) shouldContain "$UNANSWERED: sure 50 % (42 % to"
        }

        test("a small difference is small, a narrow interval bounds it, a wide one leaves it open") {
            finding(said(-0.1, 0.02)) shouldBe
                "different by less than the smallest effect of interest"
            finding(said(0.05, 0.6, half = 0.2)) shouldBe
                "any difference is below 0.300, the smallest effect of interest"
            finding(said(0.05, 0.6, half = 0.5)) shouldBe "no difference found"
            finding(said(0.05, 0.6, smallest = null)) shouldBe "no difference found"
        }

        test("what is further than one control and not than the other is not called further") {
            val one = said(-0.9, 0.001)

            fun widened(all: List<Double?>, second: Double?) = all.chunked(6).flatMapIndexed { group, its ->
                its + if (group == 0) listOf(0.0, second) else listOf(null, null)
            }

            fun against(value: Double, p: Double): ResultGrid {
                val result =
                    one.result.copy(
                        axes = listOf(
                            AxisSpec("template", listOf("sure", "mention")),
                            AxisSpec("quantity", quantities + listOf("turned beyond read", "shift beyond read")),
                        ),
                        shape = listOf(2, 8),
                        perExample = one.result.perExample.map { widened(it, value) },
                        mean = widened(one.result.mean, value),
                        ciLow = widened(one.result.ciLow, value - 0.2),
                        ciHigh = widened(one.result.ciHigh, value + 0.2),
                        pCorrected = widened(one.result.pCorrected, p),
                    )
                val bundle = Fixtures.bundle(2)
                val controls = listOf("mention", "read")
                val axes = listOf(AxisSpec("template", listOf("sure", "mention", "read")), result.axes[1])
                val row = List(8) { null }
                val spec =
                    BehaviourSpec("said", bundle.spec.contrasts[0].name, null, Grouping.Template, controls)
                return ResultGrid(
                    result.copy(
                        axes = axes,
                        shape = listOf(3, 8),
                        perExample = result.perExample.map { it + row },
                        mean = result.mean + row,
                        ciLow = result.ciLow + row,
                        ciHigh = result.ciHigh + row,
                        pCorrected = result.pCorrected + row,
                    ),
                    bundle.spec.copy(analyses = listOf(spec)),
                )
            }
            val both = headline(against(-0.6, 0.001))
            both shouldContain "Larger shift to the foil than in every control"
            both shouldContain "sure (\u22120.600 beyond read"
            val mixed = headline(against(0.1, 0.6))
            mixed shouldContain "sure is not shown to shift it further than every control (+0.100 beyond read"
            mixed shouldNotContain "None of 1"
            mixed shouldNotContain "Larger shift to the foil"
            mixed shouldNotContain "Smaller than"
        }

        test("too few examples test nothing") {
            val text = headline(said(-0.9, 1.0, clusters = 4))
            text shouldContain ", not tested (4 independent examples are too few for a test)"
            text shouldNotContain none
            finding(said(-0.9, 1.0, clusters = 4)) shouldContain "too few for a test"
        }

        test("without controls nothing is compared, and the page says what is not known") {
            val grid = said(-0.9, 0.001, against = emptyList())
            headline(grid) shouldContain "Flips from answer to foil: sure 71 %"
            headline(grid) shouldNotContain "controls"
            conclusions(grid).single() shouldContain "these shifts may be due to the mention"
            conclusions(said(-0.9, 0.001)).joinToString() shouldNotContain "due to the mention"
        }

        test("a control is not compared with itself") {
            tables(said(-0.9, 0.001))[1].map { it[0] } shouldBe listOf("sure")
        }

        test("the numbers of each group stand in a table, and its panels have no axis of two units") {
            val (own, beyond) = tables(said(-0.9, 0.001))
            own[0] shouldBe
                listOf(
                    "sure",
                    "40",
                    "100 %",
                    "29 %",
                    "71 % (51 % to 91 %)",
                    "\u22126.900 (\u22127.100 to \u22126.700)",
                    "p < 0.001",
                )
            own[1][0] shouldBe "mention (control)"
            beyond.single() shouldBe
                listOf(
                    "sure",
                    "mention",
                    "0 points (\u221220 to +20)",
                    "\u22120.900 (\u22121.100 to \u22120.700)",
                    "p = 0.001",
                    "larger shift to the foil",
                )
            val svg = draw(FigureKind.Bars, said(-0.9, 0.001), "f", "").html.substringBefore("</svg>")
            svg shouldContain ">sure</text>"
            svg shouldNotContain "0:sure"
            Regex(">([^<]*)</text>").findAll(svg).map {
                it.groupValues[1]
            }.filter { it.endsWith(" %") }.toList() shouldBe
                listOf("0 %", "50 %", "100 %")
        }

        test("heads that do more, and less, are named; if none was found, that is no proof of none") {
            val both = headline(beyond(listOf(0.9, 0.0, -0.8, 0.1), listOf(0.001, 1.0, 0.002, 0.03)))
            both shouldContain "1 of 4 heads has higher effects in afterOpinion than in afterMention: " +
                "layer 0, head 0, +0.900 (0.800 to 1.000; p = 0.001; n = 40)."
            both shouldContain
                "1 of 4 heads has lower effects in afterOpinion than in afterMention: layer 1, head 0, \u22120.800"
            both shouldNotContain "is shown to differ"
            val grid = beyond(listOf(0.1, 0.0, -0.05, 0.1), listOf(0.02, 1.0, 0.5, 0.4))
            headline(grid) shouldContain
                "None of 4 heads is shown to differ between afterOpinion and afterMention"
            headline(grid) shouldNotContain "effects in"
            conclusions(grid).single() shouldContain "no evidence of equality"
            conclusions(beyond(listOf(0.9, 0.0, 0.0, 0.0), listOf(0.001, 1.0, 1.0, 1.0))) shouldBe emptyList()
        }

        test("a difference over few examples cannot be told") {
            val text = headline(beyond(listOf(0.9, 0.0, 0.0, 0.0), listOf(1.0, 1.0, 1.0, 1.0), clusters = 4))
            text shouldContain
                "afterOpinion minus afterMention, not tested (4 independent examples are too few for a test)"
            text shouldNotContain "is shown to differ"
        }

        test("ranks of answers are told beside chance, and nothing where the filter does not ask") {
            val ranks = listOf(AnswerRank(1, 1, 4), AnswerRank(30, 1, 4), AnswerRank(9, 3, 5), AnswerRank(50, 2, 5))
            val filter = FilterResult("contrasts", "answersAmong()", 4, listOf(0, 1), emptyList(), ranks)
            rankSentence(filter, OutputKind.Token) shouldBe
                "Rank of the answer among all tokens: median 15.5, first in 1 of 2 kept. " +
                "Among 4 to 5 candidate answers: median 1.5, first in 2 of 4 (50 %; chance 22 %)."
            rankSentence(filter.copy(ranks = emptyList()), OutputKind.Token) shouldBe null
            val ofAll = filter.copy(ranks = ranks.map { AnswerRank(it.rank) })
            rankSentence(ofAll, OutputKind.Token)!! shouldNotContain "chance"
        }
    })
