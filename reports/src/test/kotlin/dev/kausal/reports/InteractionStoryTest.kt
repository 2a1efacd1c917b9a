package dev.kausal.reports

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.headline
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.Correction
import dev.kausal.spec.Grouping
import dev.kausal.spec.Inferred
import dev.kausal.spec.IntervalKind
import dev.kausal.spec.PairEffects
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain

/** What is said of two heads, and when it must not be said. */
class InteractionStoryTest :
    FunSpec({
        val bundle = Fixtures.bundle(2)

        fun grid(
            first: Double,
            second: Double,
            both: Double,
            p: Double = 0.001,
            smallest: Double? = null,
            clusters: Int = 30,
            metric: String = "logitDifference",
        ): ResultGrid {
            val beyond = both - first - second
            return ResultGrid(
                Result(
                    name = "pairs",
                    kind = ResultKind.Interaction,
                    metric = "change of $metric",
                    axes = listOf(AxisSpec("head", listOf("2.1", "2.3")), AxisSpec("other head", listOf("2.1", "2.3"))),
                    examples = List(30) { "$it" },
                    shape = listOf(2, 2),
                    perExample = List(30) { List(4) { 0.0 } },
                    mean = listOf(first, beyond, beyond, second),
                    pCorrected = listOf(p, p, p, p),
                    smallest = smallest,
                    inference =
                        Inferred(
                            0.95,
                            IntervalKind.Studentised,
                            clusters,
                            Grouping.Subject,
                            99,
                            false,
                            Correction.FamilyWise,
                        ),
                    pairs = PairEffects(listOf(first, second), listOf(first, both, both, second)),
                ),
                bundle.spec,
            )
        }

        test("two heads of which either is enough stand in for each other, whatever the metric's sign") {
            for (sign in listOf(1, -1)) {
                val text = headline(grid(sign * -0.05, sign * -0.05, sign * -9.9))
                text shouldContain "2.1 and 2.3 (redundant): "
            }
            headline(grid(-0.05, -0.05, -9.9)) shouldContain
                "\u22120.050 and \u22120.050 alone, \u22129.900 together, interaction \u22129.800; p = 0.001"
            headline(grid(-2.3, -2.6, -8.1)) shouldContain "(partly redundant)"
        }

        test("two heads that are both needed do one thing") {
            for (sign in listOf(1, -1)) {
                val text = headline(grid(sign * -8.6, sign * -8.6, sign * -8.6))
                text shouldContain "2.1 and 2.3 (acting jointly)"
                text shouldNotContain "redundant"
            }
            headline(grid(-8.6, -8.6, -15.0)) shouldContain "(partly overlapping)"
        }

        test("heads that work against each other neither stand in nor overlap") {
            val text = headline(grid(-5.0, 5.0, -5.0))
            text shouldContain "(one modulates the other)"
            text shouldNotContain "redundant"
            text shouldNotContain "overlap"
        }

        test("no relation is claimed without a test, of too few examples, or of too little") {
            val all =
                listOf(
                    grid(-0.05, -0.05, -9.9, p = 0.2),
                    grid(-0.05, -0.05, -9.9, smallest = 20.0),
                    grid(-0.05, -0.05, -9.9, p = 1.0, clusters = 3),
                )
            all.map(::headline).forEach {
                it shouldNotContain "redundant"
                it shouldContain "Largest interaction: 2.1 and 2.3: "
            }
            headline(all[2]) shouldContain "Not tested (3 independent examples are too few for a test)."
        }
    })
