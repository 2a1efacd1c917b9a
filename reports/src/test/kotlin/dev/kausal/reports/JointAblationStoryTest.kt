package dev.kausal.reports

import dev.kausal.reports.figure.draw
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.conclusions
import dev.kausal.reports.stories.headline
import dev.kausal.spec.Among
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ChoosingSplit
import dev.kausal.spec.Correction
import dev.kausal.spec.FigureKind
import dev.kausal.spec.Grouping
import dev.kausal.spec.Inferred
import dev.kausal.spec.IntervalKind
import dev.kausal.spec.JointAblationSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.Order
import dev.kausal.spec.RandomSets
import dev.kausal.spec.RandomSetsOfSize
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.RunSpec
import dev.kausal.spec.ValueSpec
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain

private const val DRAWS = 39

/** What is said of chosen heads among random ones, and when it must not be said. */
class JointAblationStoryTest :
    FunSpec({
        val bundle = Fixtures.bundle(2)
        val joint =
            JointAblationSpec(
                name = "together",
                contrasts = bundle.spec.contrasts.first().name,
                metric = MetricSpec.LogitDifference,
                ranking = "needed",
                order = Order.Strongest,
                sizes = listOf(1, 4),
                draws = DRAWS,
                value = ValueSpec.Zero,
                run = RunSpec.Clean,
                seed = 0,
            )
        val spec = bundle.spec.copy(analyses = listOf(joint))

        fun grid(
            chosen: List<Double>,
            p: List<Double?>,
            asFar: List<Int> = listOf(0, 0),
            possible: Double = 1e6,
            smallest: Double? = null,
            results: Int = 1,
            draws: (Int) -> Double = { (it - 19) / 10.0 },
        ): ResultGrid {
            val changes = List(DRAWS, draws)
            val difference = chosen.map { it - changes.average() }
            return ResultGrid(
                Result(
                    name = "together",
                    kind = ResultKind.JointAblation,
                    metric = "change of logitDifference",
                    axes =
                        listOf(
                            AxisSpec("heads", listOf("1", "4")),
                            AxisSpec("set", listOf("chosen", "random", "chosen - random")),
                        ),
                    examples = List(30) { "$it" },
                    shape = listOf(2, 3),
                    perExample = List(30) { List(6) { 0.0 } },
                    mean = chosen.indices.flatMap { listOf(chosen[it], changes.average(), difference[it]) },
                    ciLow = chosen.flatMap { listOf(it - 0.5, null, null) },
                    ciHigh = chosen.flatMap { listOf(it + 0.5, null, null) },
                    pCorrected = p.flatMap { listOf(null, null, it) },
                    smallest = smallest,
                    inference =
                        Inferred(
                            0.95,
                            IntervalKind.Studentised,
                            30,
                            Grouping.Subject,
                            DRAWS,
                            false,
                            Correction.FamilyWise,
                            results = results,
                        ),
                    randomSets =
                        RandomSets(
                            DRAWS,
                            Among.SameLayers,
                            listOf(
                                ChoosingSplit(listOf(0), listOf("2.3", "0.1"), listOf(-1.0, -2.0)),
                                ChoosingSplit(listOf(1), listOf("2.3", "1.0"), listOf(-1.0, -2.0)),
                            ),
                            chosen.mapIndexed { i, value ->
                                RandomSetsOfSize(listOf(1, 4)[i], value, changes, asFar[i], possible)
                            },
                        ),
                ),
                spec,
            )
        }

        test("chosen heads beyond all random sets are told with both distributions") {
            val text = headline(grid(listOf(-0.1, -7.3), listOf(0.9, 0.05 / 2), asFar = listOf(17, 0)))
            text shouldBe
                "2 sets were ablated, of 1 and 4 heads. " +
                "Ablating the top 4 heads changes the logit difference by \u22127.300 " +
                "(\u22127.800 to \u22126.800), more than any of 39 random sets of the same size from the same layers " +
                "(median 0.000, 95 % in \u22121.805 to 1.805; p = 0.025)."
        }

        test("heads within the random sets do not stand out, and no null is claimed") {
            val grid = grid(listOf(-0.1, -0.5), listOf(0.9, 0.4), asFar = listOf(17, 8))
            val text = headline(grid)
            text shouldContain
                "No set size stands out from random sets: 8 of 39 random sets"
            text shouldNotContain "more than any"
            text shouldNotContain "no more than random"
            val conclusions = conclusions(grid).joinToString(" ")
            conclusions shouldContain "does not show that the ranking is no better than chance"
            conclusions shouldNotContain "of 2 set sizes"
        }

        test("draws too few for the number of results are given as the reason, and no p") {
            val few = grid(listOf(-0.1, -7.3), listOf(1.0, 1.0), asFar = listOf(17, 0), results = 12)
            val text = headline(few)
            text shouldContain "Not tested (with 39 random sets, the smallest possible p is 0.300)."
            text shouldNotContain "p = 1"
            val conclusions = conclusions(few).joinToString(" ")
            conclusions shouldContain
                "The smallest possible p is 0.300 (1/40 \u00d7 12 results), so none could stand out; more draws " +
                "allow smaller ones."
            conclusions shouldNotContain "no better than chance"
            headline(grid(listOf(-0.1, -7.3), listOf(1.0, 0.025), asFar = listOf(17, 0), results = 1)) shouldContain
                "p = 0.025"
        }

        test("less than all random sets is not more") {
            val text = headline(grid(listOf(-0.1, -0.1), listOf(0.9, 0.01)) { -5.0 - it / 10.0 })
            text shouldContain "less than any of 39 random sets"
            text shouldNotContain "more than"
        }

        test("with some sets as far out, none is said to be beyond all") {
            val text = headline(grid(listOf(-0.1, -7.3), listOf(0.9, 0.04), asFar = listOf(17, 1)))
            text shouldContain "1 of 39 random sets of the same size from the same layers deviate as far"
            text shouldNotContain "than any"
        }

        test("a difference that is too small to matter does not stand out, however rare") {
            val text = headline(grid(listOf(-0.1, -1.0), listOf(0.9, 0.01), smallest = 2.0))
            text shouldContain "No set size stands out"
            text shouldNotContain "than any"
        }

        test("few possible sets are told, and that no choice could stand out") {
            val grid = grid(listOf(-0.1, -7.3), listOf(0.9, 0.25), asFar = listOf(17, 5), possible = 4.0)
            headline(grid) shouldContain "(4 possible)"
            conclusions(grid).joinToString(" ") shouldContain "fewer than 20 sets are possible"
            conclusions(grid(listOf(-0.1, -7.3), listOf(0.9, 0.25))).joinToString(" ") shouldNotContain
                "sets are possible"
            headline(grid(listOf(-1.0, -1.0), listOf(1.0, 1.0), possible = 1.0)) shouldContain
                "so no other set can be drawn"
        }

        test("how steady the choice is") {
            conclusions(grid(listOf(-0.1, -7.3), listOf(0.9, 0.01))).joinToString(" ") shouldContain
                "Among the top 2 in all 2 splits: 2.3."
        }

        test("an older bundle without random sets is described, and nothing is claimed") {
            val old = grid(listOf(-0.1, -7.3), listOf(0.001, 0.001))
            val text = headline(ResultGrid(old.result.copy(randomSets = null), spec))
            text shouldContain "changes the logit difference by"
            text shouldNotContain "random"
        }

        test("the figure has a stroke per random set, and a dot with its number per size") {
            val svg = draw(FigureKind.Lines, grid(listOf(-0.1, -7.3), listOf(0.9, 0.01)), "f1", "x").html
            Regex("data-c=\"([0-9]+)\"").findAll(svg).map { it.groupValues[1] }.toList() shouldBe listOf("0", "3")
            Regex("h14").findAll(svg).count() shouldBe 2 * DRAWS
        }
    })
