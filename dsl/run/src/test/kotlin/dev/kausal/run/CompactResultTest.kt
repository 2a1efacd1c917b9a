package dev.kausal.run

import dev.kausal.dsl.ablate
import dev.kausal.dsl.clean
import dev.kausal.dsl.corrupted
import dev.kausal.dsl.gradient
import dev.kausal.dsl.logitDifference
import dev.kausal.dsl.patch
import dev.kausal.dsl.recovery
import dev.kausal.dsl.sweep
import dev.kausal.dsl.top
import dev.kausal.engine.model.HookedModel
import dev.kausal.engine.plan.CellOutcome
import dev.kausal.run.backend.OutcomeBytes
import dev.kausal.run.inference.Inference
import dev.kausal.run.inference.measured
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ContrastSpec
import dev.kausal.spec.InferenceSpec
import dev.kausal.spec.NumberList
import dev.kausal.spec.PromptSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.Results
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.serialization.json.Json

/** Results whose memory grows by few bytes per number. */
class CompactResultTest :
    FunSpec({
        val model = HookedModel.open(tinyLlama)
        afterSpec { model.close() }

        test("a sweep's numbers are in arrays, as computed and as read") {
            val results = tinyStudy(model) {
                val set = contrasts {
                    listOf("tower" to "bridge", "castle" to "river", "river" to "tower").forEachIndexed { i, (a, b) ->
                        contrast("the [$a] is in the city of", " x$i", "the [$b] is in the city of", " y$i")
                    }
                }
                val computed by sweep(set, logitDifference) { each(heads) { ablate(it) } }
                val screened by sweep(set, logitDifference, by = gradient, exact = top(2)) {
                    each(heads) { ablate(it) }
                }
                val recovered by sweep(set, recovery(logitDifference)) {
                    each(heads) { head -> patch(from = clean, to = corrupted, head) }
                }
            }.run(model)
            results.results.size shouldBe 3
            val text = Json.encodeToString(Results.serializer(), results)
            val read = Json.decodeFromString(Results.serializer(), text)
            Json.encodeToString(Results.serializer(), read) shouldBe text
            (results.results + read.results).forEach { result ->
                lists(result).forEach { (name, list) ->
                    withClue("${result.name}.$name") { list.shouldBeInstanceOf<NumberList>() }
                }
            }
        }

        test("outcomes of several parts are one list, of 28 bytes each") {
            val all = List(10) { CellOutcome(it / 3.0, it, -it / 7.0, if (it == 4) Double.NaN else 1.0 / it) }
            val parts = listOf(all.subList(0, 0), all.subList(0, 4), all.subList(4, 4), all.subList(4, 5), all.drop(5))
            val read = parts.map { part -> OutcomeBytes.read(OutcomeBytes.of(part), part.size).shouldNotBeNull() }
            OutcomeBytes.joined(read).toList() shouldBe all
            OutcomeBytes.joined(parts).toList() shouldBe all
            OutcomeBytes.joined(emptyList()).size shouldBe 0
            OutcomeBytes.of(all).size shouldBe 10 * 28
            OutcomeBytes.read(OutcomeBytes.of(all), 9) shouldBe null
        }

        test("reads of numbers grow with their count, not with its square") {
            val reads = listOf(500, 2000).map { cells ->
                val examples = 8
                val rows = List(examples) { example -> CountedReads(cells, example) }
                val contrasts =
                    List(examples) { ContrastSpec("e$it", PromptSpec("p$it", listOf(1, it), listOf("a", "b"))) }
                val axes = listOf(AxisSpec("cell", List(cells) { "$it" }))
                val result = measured("r", ResultKind.Sweep, "accuracy", axes, contrasts.map { it.label }, rows)
                rows.forEach { it.reads = 0 }
                Inference(InferenceSpec(resamples = 10, flips = 10), 1).of(result, contrasts)
                rows.sumOf { it.reads } / (cells * examples)
            }
            withClue("reads of each number, of 500 and of 2000 cells: $reads") {
                reads.last() shouldBeLessThan 2 * reads.first()
            }
        }
    })

/** Shares of which only the last is not 0, and the number of times that any was read. */
private class CountedReads(
    override val size: Int,
    private val example: Int,
) : NumberList() {
    var reads = 0L

    override fun at(index: Int): Double {
        reads++
        return if (index == size - 1 && example % 2 == 0) 1.0 else 0.0
    }
}

/** The lists of numbers of a result for its cells, by name; not those that it lacks. */
private fun lists(result: Result): Map<String, List<Double?>> {
    val rows = listOf("perExample" to result.perExample, "plain" to result.plain, "exact" to result.exact)
    val change = result.change
    return rows.flatMap { (name, rows) -> rows.orEmpty().mapIndexed { i, row -> "$name[$i]" to row } }.toMap() +
        mapOf(
            "mean" to result.mean,
            "median" to result.median,
            "standardError" to result.standardError,
            "ciLow" to result.ciLow,
            "ciHigh" to result.ciHigh,
            "pValue" to result.pValue,
            "pCorrected" to result.pCorrected,
            "effect" to result.effect,
            "change.mean" to change?.mean.orEmpty(),
            "change.standardError" to change?.standardError.orEmpty(),
            "change.ciLow" to change?.ciLow.orEmpty(),
            "change.ciHigh" to change?.ciHigh.orEmpty(),
        ).filterValues { it.isNotEmpty() }
}
