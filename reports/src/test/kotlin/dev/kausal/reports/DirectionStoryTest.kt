package dev.kausal.reports

import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.DirectionStory
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ClassesSpec
import dev.kausal.spec.DirectionFit
import dev.kausal.spec.DirectionRecord
import dev.kausal.spec.DirectionSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.FittedDirection
import dev.kausal.spec.Grouping
import dev.kausal.spec.LabelledVectorsSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.PointSpec
import dev.kausal.spec.ResultKind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

/** What a report says of fitted directions. */
class DirectionStoryTest :
    FunSpec({
        test("the held-out share with its interval, agreement of halves and the file") {
            DirectionStory.findings(grid(ClassesSpec.Pairs())) shouldContainExactly
                listOf(
                    "Held-out examples show 0.900 (0.800 to 1.000) of the fitted difference at layer 1. " +
                        "It is the largest of 2 on the same examples, and so more likely too large than too small.",
                    "Cosine of the directions fitted on the two halves: 0.500 to 0.950.",
                    "The directions are in directions/means.safetensors.",
                )
            DirectionStory.figure(grid(ClassesSpec.Pairs())) shouldBe FigureKind.Lines
        }

        test("the method names fit, classes, place and site") {
            val methods =
                listOf(
                    ClassesSpec.Pairs(clean = false) to "corrupted against clean prompts of the same contrasts",
                    ClassesSpec.Sets("prompts-2") to "the set's prompts against those of prompts-2",
                    ClassesSpec.Labels(setOf("a", "b", "c", "d", "e")) to
                        "prompts of a, b, c and d and 1 more against the others",
                )
            for ((classes, words) in methods) {
                DirectionStory.method(grid(classes).analysis as DirectionSpec) shouldBe
                    "Difference of the mean activations, $words, at the last position of blocks.N.hook_resid_pre."
            }
        }
    })

private fun grid(classes: ClassesSpec): ResultGrid {
    val layers = AxisSpec("layer", listOf("0", "1"))
    val points = List(2) { PointSpec("blocks.$it.hook_resid_pre") }
    val vectors = LabelledVectorsSpec(classes, listOf(layers), points, PlaceSpec.Last)
    val analysis = DirectionSpec("means", "landmarks", 1, vectors, DirectionFit.MeanDifference, Grouping.Subject, 0)
    val cells = listOf(FittedDirection("means.L0", 1.0, 2.0, 0.5), FittedDirection("means.L1", 1.0, 2.0, 0.95))
    val result =
        Fixtures.ablation(2).copy(
            name = "means",
            kind = ResultKind.Direction,
            metric = DirectionSpec.SHARE,
            axes = listOf(layers),
            shape = listOf(2),
            examples = emptyList(),
            perExample = emptyList(),
            baseline = emptyMap(),
            mean = listOf(0.2, 0.9),
            ciLow = listOf(0.0, 0.8),
            ciHigh = listOf(0.4, 1.0),
            change = null,
            rounding = null,
            directions = DirectionRecord("directions/means.safetensors", "0", emptyList(), cells),
        )
    return ResultGrid(result, Fixtures.spec(2, Fixtures.tokens).copy(analyses = listOf(analysis)))
}
