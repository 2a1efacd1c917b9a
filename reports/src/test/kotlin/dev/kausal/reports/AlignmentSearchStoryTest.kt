package dev.kausal.reports

import dev.kausal.reports.figure.Frame
import dev.kausal.reports.figure.Views
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.AlignmentSearchStory
import dev.kausal.reports.stories.InterchangeAccuracyStory
import dev.kausal.reports.stories.InterchangeDifferenceStory
import dev.kausal.spec.AlignmentRecord
import dev.kausal.spec.AlignmentSearchSpec
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.ClassesSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.Grouping
import dev.kausal.spec.LabelledVectorsSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.PointSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.SubspaceTrainingSpec
import dev.kausal.spec.Swap
import dev.kausal.spec.SwapRecord
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain

/** What a report says of trained subspaces. */
class AlignmentSearchStoryTest :
    FunSpec({
        test("accuracy with its interval, controls and bounds, and by how much it exceeds them") {
            val grid = grid(result())
            AlignmentSearchStory.findings(grid) shouldContainExactly
                listOf(
                    "Exchanging the trained subspace of rank 2 leads to the clean prompt's answer in 0.900 " +
                        "(0.800 to 1.000) " +
                        "of held-out contrasts at layer 4, the highest of 2 layers. Controls there: " +
                        "arbitrary labels 0.500, " +
                        "random weights 0.300 and random subspace 0.100. Bounds: whole activation 1.000 and " +
                        "no swap 0.000.",
                    "At layer 4, it exceeds each control; the least, arbitrary labels, by +0.200 to +0.600 " +
                        "(paired by " +
                        "contrast).",
                    "It is shown to exceed all controls at 1 of 2 layers. On the contrasts that they were " +
                        "trained on, " +
                        "subspaces reach 0.700 to 1.000, and those of arbitrary labels 0.900 to 0.950.",
                )
            AlignmentSearchStory.method(search) shouldBe
                "Subspaces of rank 2 of blocks.N.hook_resid_pre, at the last position; cross-entropy of the " +
                "answer, 50 steps " +
                "of Adam with batches of 8 and a learning rate from 0.01 falling to 0, orthonormal after " +
                "each step; 10 " +
                "random subspaces; seed 3."
            Views.of(FigureKind.Lines, grid).draw(grid, Frame("f", "alternative")).reading shouldContain
                "Grey: range of arbitrary labels, random weights and random subspaces."
        }

        test("an accuracy that a control matches is no evidence") {
            val matched = AlignmentSearchStory.findings(grid(result(low = mapOf(Swap.RandomWeights to -0.1))))
            matched.first() shouldContain
                "The trained subspace is not shown to exceed random weights, so its accuracy is no evidence " +
                "that the model has " +
                "the variable there."
            matched.joinToString() shouldNotContain "exceeds each control"
            matched.joinToString() shouldContain "exceed all controls at 0 of 2 layers"
        }

        test("without intervals nothing is claimed") {
            val unknown = AlignmentSearchStory.headline(grid(result(low = Swap.entries.associateWith { null })))
            unknown shouldContain "not shown to exceed arbitrary labels, random weights and random subspace, so"
        }

        test("the highest value of each line") {
            val axis = AxisSpec("swap", Swap.entries.map { it.label })
            val compared = result().copy(
                name = "das.controls",
                kind = ResultKind.InterchangeAccuracy,
                axes = listOf(axis, layers),
                shape = listOf(7, 2),
                mean = List(14) { it / 20.0 },
                ciLow = emptyList(),
                ciHigh = emptyList(),
                alignment = null,
            )
            InterchangeAccuracyStory.findings(grid(compared)).single() shouldContain
                "Highest accuracy of any layer: trained 0.050, arbitrary labels 0.150, arbitrary labels, on " +
                "true ones 0.250"
            val difference = grid(compared.copy(kind = ResultKind.InterchangeDifference))
            InterchangeDifferenceStory.findings(difference).single() shouldContain
                "whole activation 0.550 and no swap 0.650."
        }
    })

private val layers = AxisSpec("layer", listOf("3", "4"))

private val search =
    AlignmentSearchSpec(
        "das",
        "landmarks",
        1,
        LabelledVectorsSpec(
            ClassesSpec.Pairs(),
            listOf(layers),
            List(2) { PointSpec("blocks.${it + 3}.hook_resid_pre") },
            PlaceSpec.Last,
        ),
        SubspaceTrainingSpec(rank = 2, steps = 50, batch = 8, learningRate = 0.01),
        Grouping.Subject,
        seed = 3,
        draws = 10,
    )

/** A search whose second layer is the best; [low] are lower ends of intervals there. */
private fun result(low: Map<Swap, Double?> = emptyMap()): Result {
    val means = mapOf(
        Swap.Trained to 0.9,
        Swap.ArbitraryLabels to 0.5,
        Swap.ArbitraryOnTrue to 0.4,
        Swap.RandomWeights to 0.3,
        Swap.RandomSubspace to 0.1,
        Swap.WholeActivation to 1.0,
        Swap.None to 0.0,
    )
    val fitted = mapOf(Swap.Trained to listOf(0.7, 1.0), Swap.ArbitraryLabels to listOf(0.95, 0.9))
    val swaps = means.map { (swap, mean) ->
        val end = if (swap in low) low.getValue(swap) else 0.7 - mean
        SwapRecord(swap, listOf(0.5, mean), fitted[swap], listOf(-0.2, end), listOf(0.2, 1.1 - mean))
    }
    return Fixtures.ablation(2).copy(
        examples = emptyList(),
        perExample = emptyList(),
        change = null,
        rounding = null,
        inference = null,
        name = "das",
        kind = ResultKind.AlignmentSearch,
        metric = AlignmentSearchSpec.ACCURACY,
        axes = listOf(layers),
        shape = listOf(2),
        baseline = emptyMap(),
        mean = listOf(0.5, 0.9),
        ciLow = listOf(0.4, 0.8),
        ciHigh = listOf(0.6, 1.0),
        alignment = AlignmentRecord(2, swaps, listOf(1.0, 0.5)),
    )
}

private fun grid(result: Result): ResultGrid =
    ResultGrid(result, Fixtures.spec(2, Fixtures.tokens).copy(analyses = listOf(search)))
