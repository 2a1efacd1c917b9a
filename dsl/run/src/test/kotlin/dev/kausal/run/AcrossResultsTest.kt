package dev.kausal.run

import dev.kausal.run.inference.acrossResults
import dev.kausal.spec.Among
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.Correction
import dev.kausal.spec.Grouping
import dev.kausal.spec.InferenceSpec
import dev.kausal.spec.Inferred
import dev.kausal.spec.IntervalKind
import dev.kausal.spec.RandomSets
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

/** p over the results of a report, and what is said where none of them can be small. */
class AcrossResultsTest :
    FunSpec({
        fun result(
            name: String,
            p: Double?,
            clusters: Int = 24,
            draws: Int? = null,
        ) = Result(
            name = name,
            kind = ResultKind.Sweep,
            metric = "logitDifference",
            axes = listOf(AxisSpec("cell", listOf("0"))),
            examples = emptyList(),
            shape = listOf(1),
            perExample = emptyList(),
            mean = listOf(1.0),
            pValue = listOf(p),
            pCorrected = listOf(p),
            inference =
                Inferred(
                    0.95,
                    IntervalKind.Studentised,
                    clusters,
                    Grouping.Subject,
                    4999,
                    false,
                    Correction.FamilyWise,
                ),
            randomSets = draws?.let { RandomSets(it, Among.SameLayers, emptyList(), emptyList()) },
        )

        test("p is multiplied by the number of tested results, and no more than 1") {
            val found = acrossResults(listOf(result("a", 0.01), result("b", 0.5), result("c", null)), InferenceSpec())
            found.map { it.pCorrected.single() } shouldBe listOf(0.02, 1.0, null)
            found.map { it.inference!!.results } shouldBe listOf(2, 2, 1)
            found.flatMap { it.notes }.shouldBeEmpty()
        }

        test("false discoveries are counted over all results together") {
            val spec = InferenceSpec(correction = Correction.BenjaminiHochberg)
            acrossResults(listOf(result("a", 0.01), result("b", 0.04)), spec).map { it.pCorrected.single() } shouldBe
                listOf(0.02, 0.04)
        }

        test("too few draws for the number of results are told, with how many are enough") {
            val results = List(13) { result("r$it", 0.5) }
            val few = acrossResults(results + result("joint", 0.025, draws = 39), InferenceSpec()).last().notes.single()
            few shouldContain "with 39 random sets and 14 tested results, p is at least 0.350"
            few shouldContain "At least 280 draws are needed."
            acrossResults(results + result("joint", 0.0036, draws = 280), InferenceSpec()).last().notes.shouldBeEmpty()
        }

        test("a rank among enough draws can be small with few examples, whose signs could not") {
            val few = listOf(result("signs", 0.03, clusters = 6), result("ranks", 0.01, clusters = 6, draws = 199))
            val notes = acrossResults(few, InferenceSpec()).map { it.notes }
            notes[0].single() shouldContain "with 6 independent examples and 2 tested results, p is at least 0.063"
            notes[1].shouldBeEmpty()
        }
    })
