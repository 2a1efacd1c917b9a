package dev.kausal.experiments.verify

import dev.kausal.experiments.bundle.RunJournal
import dev.kausal.spec.Correction
import dev.kausal.spec.Grouping
import dev.kausal.spec.Inferred
import dev.kausal.spec.IntervalKind
import dev.kausal.spec.NoiseFloor
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.Results
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.serialization.json.Json
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.writeText

class VerificationTest :
    FunSpec({
        fun compared(stored: String, again: String): Verification {
            val comparison = TreeComparison()
            comparison.compare("results", Json.parseToJsonElement(stored), Json.parseToJsonElement(again))
            return comparison.verification(emptyList())
        }

        val trace = """{"name": "trace", "mean": [0.5, null, 1200.0], "pValue": [0.01], "kind": "sweep"}"""
        val stored = """{"results": [$trace]}"""

        test("equal trees hold, with no difference at all") {
            val found = compared(stored, stored)
            found.holds shouldBe true
            found.numbers shouldBe 3L
            found.largest shouldBe 0.0
        }

        test("numbers may differ by a thousandth of 1 or of themselves, p by some flips, and by no more") {
            compared(stored, stored.replace("0.5", "0.5009")).holds shouldBe true
            compared(stored, stored.replace("0.5", "0.502")).differences.single() shouldContain
                "results.results[trace].mean[0] is 0.5, recomputed as 0.502"
            compared(stored, stored.replace("1200.0", "1201.0")).holds shouldBe true
            compared(stored, stored.replace("1200.0", "1202.0")).holds shouldBe false
            compared(stored, stored.replace("0.01", "0.025")).holds shouldBe true
            compared(stored, stored.replace("0.01", "0.04")).holds shouldBe false
        }

        test("a result that knows its noise floor is judged by it, each number by what it is") {
            val result =
                Result(
                    name = "trace",
                    kind = ResultKind.Sweep,
                    metric = "recovery(logitDifference)",
                    axes = emptyList(),
                    examples = listOf("a", "b"),
                    shape = listOf(1),
                    perExample = listOf(listOf(0.5), listOf(0.25)),
                    plain = listOf(listOf(3.0), listOf(2.0)),
                    baseline = mapOf("clean" to listOf(5.0, 10.0), "corrupted" to listOf(1.0, 0.0)),
                    mean = listOf(0.375),
                    ciLow = listOf(0.25),
                    ciHigh = listOf(0.5),
                    pValue = listOf(0.01),
                    inference = Inferred(
                        0.95,
                        IntervalKind.Percentile,
                        2,
                        Grouping.Example,
                        1000,
                        false,
                        Correction.None,
                    ),
                    rounding = NoiseFloor.of(1e-5, 20, 10.0, 128),
                )
            val tree = Json.encodeToString(Results(results = listOf(result)))

            fun again(
                was: String,
                now: String,
                rule: Result = result,
            ): Verification {
                val comparison = TreeComparison(RoundingRule.of(listOf(rule)))
                val other = tree.replaceFirst(was, now).also { (it == tree) shouldBe false }
                comparison.compare("results", Json.parseToJsonElement(tree), Json.parseToJsonElement(other))
                return comparison.verification(emptyList())
            }
            result.rounding!!.floor shouldBe 4e-5.plusOrMinus(1e-12)
            again("[[3.0]", "[[3.00003]").holds shouldBe true
            again("[[3.0]", "[[3.00005]").differences.single() shouldContain "rounding allows"
            again("[[0.5]", "[[0.500014]").holds shouldBe true
            again("[[0.5]", "[[0.50002]").holds shouldBe false
            again("[0.375]", "[0.37502]").holds shouldBe false
            again("\"ciLow\":[0.25]", "\"ciLow\":[0.2503]").holds shouldBe true
            again("\"ciLow\":[0.25]", "\"ciLow\":[0.26]").holds shouldBe false
            again("[0.01]", "[0.014]").holds shouldBe true
            again("[0.01]", "[0.016]").holds shouldBe false
            // Rounding moves a mean recovery by 1e-5, a hundredth of this error, and so p by 0.008.
            val spread = result.copy(standardError = listOf(0.001))
            again("[0.01]", "[0.016]", spread).holds shouldBe true
            again("[0.01]", "[0.03]", spread).holds shouldBe false
            again("[0.01]", "[0.016]", result.copy(standardError = listOf(0.1))).holds shouldBe false
            again("[[3.0]", "[[3.00003]").byRounding!!.allowed shouldBe 4e-5.plusOrMinus(1e-12)
        }

        test("shares of counts may differ by some counts, and by no more") {
            fun area(now: Double, counting: Set<String>): Verification {
                fun tree(value: Double) = """{"results": [{"name": "probe", "mean": [$value]}]}"""
                val comparison = TreeComparison(counting = counting)
                comparison.compare("results", Json.parseToJsonElement(tree(0.6)), Json.parseToJsonElement(tree(now)))
                return comparison.verification(emptyList())
            }
            area(0.61, setOf("probe")).holds shouldBe true
            area(0.63, setOf("probe")).holds shouldBe false
            area(0.61, emptySet()).holds shouldBe false
        }

        test("sentences may differ in numbers that may differ, and in nothing else") {
            fun noted(note: String) = """{"results": [{"name": "shares", "notes": ["$note"]}]}"""
            val note = noted("The sum of 4 shares is within 5.3e-06 of -2.704.")
            compared(note, noted("The sum of 4 shares is within 9.1e-06 of -2.703.")).holds shouldBe true
            listOf(
                "The sum of 5 shares is within 5.3e-06 of -2.704.",
                "The sum of 4 shares is within 5.3e-02 of -2.704.",
                "The sum of 4 shares is within 5.3e-06 of 2.704.",
                "No sum of 4 shares is within 5.3e-06 of -2.704.",
                "The sum of 4 shares is within 5.3e-06.",
            ).forEach { compared(note, noted(it)).differences.single() shouldContain "recomputed as" }
            val label = """{"results": [{"name": "shares", "examples": ["5.3e-06"]}]}"""
            compared(label, label.replace("5.3", "5.4")).holds shouldBe false
        }

        test("what is no number must be the same, and what is missing is found") {
            compared(stored, stored.replace("null", "0.0")).differences.single() shouldContain
                "is null, recomputed as 0.0"
            compared(stored, stored.replace("\"sweep\"", "\"capture\"")).holds shouldBe false
            compared(stored, stored.replace(", 1200.0", "")).differences.single() shouldContain
                "is a list of 3, recomputed as a list of 2"
            compared(stored, "{}").differences.single() shouldContain "recomputed as missing"
        }

        test("a journal belongs to one run, survives it, and goes when the bundle is there") {
            val cache = tempdir().toPath()
            val journal = RunJournal.of(cache, listOf("spec", "script"))
            journal.read("sweeps-0") shouldBe null
            journal.write("sweeps-0", byteArrayOf(1, 2, 3))
            val again = RunJournal.of(cache, listOf("spec", "script"))
            again.read("sweeps-0")!!.toList() shouldBe listOf<Byte>(1, 2, 3)
            again.found shouldBe 1
            RunJournal.of(cache, listOf("spec", "other script")).read("sweeps-0") shouldBe null
            RunJournal.of(cache, listOf("specscript")).read("sweeps-0") shouldBe null
            again.discard()
            RunJournal.of(cache, listOf("spec", "script")).read("sweeps-0") shouldBe null
            cache.resolve("unfinished").listDirectoryEntries() shouldHaveSize 0
        }

        test("a journal that cannot be written costs nothing but itself") {
            val file = tempdir().toPath().resolve("file").also { it.writeText("no folder") }
            val journal = RunJournal.of(file, listOf("spec"))
            journal.write("part", byteArrayOf(1))
            journal.read("part") shouldBe null
        }
    })
