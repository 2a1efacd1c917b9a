package dev.kausal.experiments.verify

import dev.kausal.bundle.BundleFiles
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.CellAudit
import dev.kausal.spec.Change
import dev.kausal.spec.NoiseFloor
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.Results
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.doubleOrNull

class NumbersOfResultTest :
    FunSpec({
        val result = Result(
            name = "trace",
            kind = ResultKind.Sweep,
            metric = "recovery(logitDifference)",
            axes = listOf(AxisSpec("layer", listOf("0", "1"))),
            examples = listOf("a", "b"),
            shape = listOf(2),
            perExample = listOf(listOf(0.5, 0.25), listOf(0.75, null)),
            plain = listOf(listOf(3.0, 2.0), listOf(1.0, null)),
            exact = listOf(listOf(3.0, null), listOf(1.0, null)),
            baseline = mapOf("clean" to listOf(5.0, 10.0), "corrupted" to listOf(1.0, 0.0)),
            mean = listOf(0.625, 0.25),
            ciLow = listOf(0.25, null),
            ciHigh = listOf(0.5, null),
            pValue = listOf(0.01, null),
            pCorrected = listOf(0.02, null),
            median = listOf(0.625, 0.25),
            standardError = listOf(0.1, null),
            change = Change(listOf(0.5, 0.25), listOf(0.1, null), listOf(0.25, null), listOf(0.5, null)),
            effect = listOf(0.5, 0.25),
            cellAudit = CellAudit(listOf(2, 1), listOf(0, 0), listOf(1.5, 2.5)),
            rounding = NoiseFloor.of(1e-5, 20, 10.0, 128),
        )

        fun compared(again: Result, compare: TreeComparison.(Results, Results) -> Unit): Verification {
            val comparison = TreeComparison(RoundingRule.of(listOf(result)))
            comparison.compare(Results(results = listOf(result)), Results(results = listOf(again)))
            return comparison.verification(emptyList())
        }

        fun byTree(again: Result) = compared(again) { a, b ->
            val (stored, other) = listOf(a, b).map { BundleFiles.compact.encodeToJsonElement(Results.serializer(), it) }
            compare("results", stored, other)
        }

        fun byLists(again: Result) = compared(again) { a, b -> results(a, b) }

        fun agree(again: Result) {
            val (tree, lists) = byTree(again) to byLists(again)
            // An object that is missing is shown with its lists, or without them.
            val said = listOf(lists, tree).map { found -> found.differences.map { it.replace(Regex("\\{.*,"), "{") } }
            said.first() shouldContainExactlyInAnyOrder said.last()
            lists.numbers shouldBe tree.numbers
            lists.largest shouldBe tree.largest
            lists.unfloored shouldBe tree.unfloored
            // Of several that did not move, either may be the nearest to its limit.
            lists.byRounding?.difference shouldBe tree.byRounding?.difference
        }

        test("lists are compared as their trees are") {
            agree(result)
            byLists(result).numbers shouldBe 41L
            agree(result.copy(perExample = listOf(listOf(0.5, 0.35), listOf(null, 1.0))))
            val shorter = result.copy(perExample = result.perExample.take(1), plain = null)
            byLists(shorter).differences shouldContainExactlyInAnyOrder byTree(shorter).differences
            agree(result.copy(mean = listOf(0.625), pValue = emptyList(), ciLow = listOf(0.1, 0.2)))
            agree(result.copy(change = null, exact = listOf(listOf(4.0, null), listOf(1.0, null))))
            agree(result.copy(change = result.change!!.copy(ciHigh = listOf(0.9, null)), cellAudit = null))
            val audit = CellAudit(listOf(2, 7), listOf(0, 0), listOf(1.5, 2.6))
            agree(result.copy(cellAudit = audit, notes = listOf("New.")))
        }

        test("the rest of a result has no numbers for its cells") {
            val rest = NumbersOfResult(result).rest
            val others = setOf("baseline", "rounding")
            val json = BundleFiles.compact.encodeToJsonElement(Result.serializer(), rest) as JsonObject
            json.filterKeys { it !in others + "shape" }.forEach { (name, value) ->
                withClue(name) { numbers(value).shouldBeEmpty() }
            }
        }
    })

private fun numbers(element: JsonElement): List<Double> =
    when (element) {
        is JsonObject -> element.values.flatMap(::numbers)
        is JsonArray -> element.flatMap(::numbers)
        is JsonPrimitive -> listOfNotNull(element.takeIf { !it.isString }?.doubleOrNull)
    }
