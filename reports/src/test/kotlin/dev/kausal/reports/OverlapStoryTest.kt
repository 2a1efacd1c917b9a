package dev.kausal.reports

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.OverlapStory
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.OverlapRecord
import dev.kausal.spec.OverlapSpec
import dev.kausal.spec.ResultKind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

/** What a report says of heads that two rankings have in common. */
class OverlapStoryTest :
    FunSpec({
        val some = listOf(OverlapRecord(5, 1, 0.8, 2, 0.6), OverlapRecord(10, 7, 2.5, 5, 0.0004))

        test("numbers, chance and halves") {
            OverlapStory.findings(grid(some)) shouldContainExactly
                listOf(
                    "Top heads of opinion and facts in common: 1 of 5 and 7 of 10; chance within layers gives " +
                        "0.800 (p = " +
                        "0.600) and 2.500 (p < 0.001). That is more than in 95 % of cases of chance for the top " +
                        "10 only.",
                    "Two halves of the same examples have a share of 0.900 in opinion and 0.500 in facts of " +
                        "their top 10 in " +
                        "common.",
                    "The rankings are compared on the examples that they were made of; p does not allow for the " +
                        "number of sizes.",
                )
        }

        test("all, none, and nothing to rank") {
            OverlapStory.headline(grid(some.drop(1))).substringAfter(". ") shouldBe
                "That is more than in 95 % of cases of chance."
            OverlapStory.headline(grid(some.take(1))).substringAfter("). ") shouldBe
                "That is no more than in 95 % of cases of chance."
            OverlapStory.headline(grid(null)) shouldBe "Nothing is ranked, so nothing can be in common."
        }
    })

private fun grid(records: List<OverlapRecord>?): ResultGrid {
    val tops = listOf(5, 10)
    val analysis = OverlapSpec("common", "landmarks", 1, listOf("opinion", "facts"), tops)
    val axes = listOf(AxisSpec("top", tops.map { "$it" }), AxisSpec("quantity", List(5) { "$it" }))
    val spec = Fixtures.spec(2, Fixtures.tokens).copy(analyses = listOf(analysis))
    val result =
        Fixtures.ablation(2).copy(
            name = "common",
            kind = ResultKind.Overlap,
            metric = "share of the top heads",
            axes = axes,
            shape = listOf(2, 5),
            examples = emptyList(),
            perExample = emptyList(),
            baseline = emptyMap(),
            mean = listOf(0.2, 0.16, 0.4, 0.8, 0.3, 0.7, 0.25, 0.5, 0.9, 0.5),
            overlap = records,
        )
    return ResultGrid(result, spec)
}
