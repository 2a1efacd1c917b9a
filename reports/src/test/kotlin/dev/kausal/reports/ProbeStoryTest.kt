package dev.kausal.reports

import dev.kausal.reports.figure.Frame
import dev.kausal.reports.figure.Views
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.DoseResponseStory
import dev.kausal.reports.stories.ProbeStory
import dev.kausal.reports.stories.SideEffectStory
import dev.kausal.reports.svg.ColourScale
import dev.kausal.spec.AnalysisSpec
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.Change
import dev.kausal.spec.ClassesSpec
import dev.kausal.spec.DirectionFit
import dev.kausal.spec.DoseControls
import dev.kausal.spec.DoseResponseSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.Grouping
import dev.kausal.spec.LabelledVectorsSpec
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.PointSpec
import dev.kausal.spec.ProbeControls
import dev.kausal.spec.ProbeSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain

private fun largest(of: Int) =
    " It is the largest of $of on the same examples, and so more likely too large than too small."

/** What a report says of probes and of dose responses. */
class ProbeStoryTest :
    FunSpec({
        test("a probe's area with its interval and controls, and where shuffles stay below it") {
            val grid = grid(probe, probeResult)
            ProbeStory.findings(grid) shouldContainExactly
                listOf(
                    "Probes tell the classes apart best at layer 1: AUROC 0.900 (0.800 to 1.000) on held-out " +
                        "examples; shuffled classes 0.450 (at most 0.600), random directions 0.550." + largest(2),
                    "At 1 of 2 places, AUROC is above that of all 2 probes of shuffled classes there.",
                )
            ProbeStory.method(probe) shouldBe
                "Logistic probes, clean against corrupted prompts of the same contrasts, at the last position of " +
                "blocks.N.hook_resid_pre; 2 draws of each control; measured on contrasts-2 as well."
            drawn(grid) shouldContain "Grey: range of probes of shuffled classes."
            // An example's number is its contribution to the area, which may be above 1.
            drawn(grid) shouldNotContain "single examples"
        }

        test("chance has the neutral colour of a map of probes") {
            val heads = listOf(layers, AxisSpec("head", listOf("0", "1")))
            val byHead =
                probeResult.copy(
                    axes = heads,
                    shape = listOf(2, 2),
                    mean = listOf(0.5, 0.9, 0.3, 0.6),
                    ciLow = emptyList(),
                    ciHigh = emptyList(),
                    probe = null,
                )
            for (name in listOf("probed", "probed.accuracy")) {
                val kind = if (name == "probed") ResultKind.Probe else ResultKind.ProbeAccuracy
                val grid = grid(probe, byHead.copy(name = name, kind = kind))
                grid.centre shouldBe 0.5
                val map = Views.of(FigureKind.Heatmap, grid).draw(grid, Frame("f", "alternative"))
                map.reading shouldContain "0.500, as by chance, has the neutral colour"
                val colours = ColourScale.changes(grid.centre, 0.4, grid.measure.range)
                colours.part(0.5) shouldBe 0.5
                colours.diverging shouldBe true
            }
            grid(probe, byHead.copy(name = "other", kind = ResultKind.Roc)).centre shouldBe 0.0
        }

        test("a probe whose interval holds chance tells nothing apart") {
            val low = probeResult.copy(ciLow = probeResult.mean.map { 0.4 })
            ProbeStory.headline(grid(probe, low)) shouldContain "No probe is shown to tell the classes apart"
        }

        test("the range of the area over divisions into halves") {
            val splits = probeResult.probe!!.copy(splits = listOf(listOf(0.5, 0.6), listOf(0.9, 0.84, 0.97)))
            ProbeStory.findings(grid(probe, probeResult.copy(probe = splits)))[1] shouldBe
                "There, AUROC is 0.840 to 0.970 over 3 divisions into halves."
        }

        test("the interval of the area decides, not that of its excess over chance") {
            val none = probeResult.mean.map { null }
            val excess = Change(probeResult.mean.map { it!! - 0.5 }, none, listOf(-0.1, 0.3), listOf(0.1, 0.5))
            ProbeStory.headline(grid(probe, probeResult.copy(change = excess))) shouldContain
                "Probes tell the classes apart best at layer 1"
        }

        test("the dose with the largest change, beside its controls") {
            val grid = grid(dose, doseResult)
            DoseResponseStory.headline(grid) shouldBe
                "Logit difference changes most at layer 1, strength 2.0: by \u22122.000 from 1.000. There, controls " +
                "change it by at most 0.500." + largest(4)
            DoseResponseStory.figure(grid) shouldBe FigureKind.Lines
            drawn(grid) shouldContain "Grey: range of random and shuffled directions, over all layers."
            SideEffectStory.headline(grid) shouldContain
                "On the other set, logit difference changes most at layer 1, strength 2.0"
        }
    })

private fun drawn(grid: ResultGrid): String = Views.of(
    FigureKind.Lines,
    grid,
).draw(grid, Frame("f", "alternative")).reading

private val layers = AxisSpec("layer", listOf("0", "1"))

private val probe =
    ProbeSpec(
        "probed",
        "landmarks",
        1,
        LabelledVectorsSpec(
            ClassesSpec.Pairs(),
            listOf(layers),
            List(2) { PointSpec("blocks.$it.hook_resid_pre") },
            PlaceSpec.Last,
        ),
        DirectionFit.Logistic,
        Grouping.Subject,
        0,
        2,
        listOf("contrasts-2"),
    )

private val dose =
    DoseResponseSpec(
        "dose",
        "landmarks",
        1,
        MetricSpec.LogitDifference,
        listOf(layers, AxisSpec("strength", listOf("0.0", "2.0"))),
        emptyList(),
        emptyList(),
        emptyList(),
    )

private val bare: Result =
    Fixtures.ablation(2).copy(
        examples = emptyList(),
        perExample = emptyList(),
        change = null,
        rounding = null,
        inference = null,
    )

private val probeResult =
    bare.copy(
        name = "probed",
        kind = ResultKind.Probe,
        metric = ProbeSpec.AREA,
        axes = listOf(layers),
        shape = listOf(2),
        baseline = emptyMap(),
        mean = listOf(0.5, 0.9),
        ciLow = listOf(0.4, 0.8),
        ciHigh = listOf(0.6, 1.0),
        probe = ProbeControls(listOf(listOf(0.4, 0.6), listOf(0.3, 0.6)), listOf(listOf(0.5, 0.5), listOf(0.5, 0.6))),
    )

private val doseResult =
    bare.copy(
        name = "dose",
        kind = ResultKind.DoseResponse,
        metric = "logitDifference",
        axes = dose.axes,
        shape = listOf(2, 2),
        baseline = mapOf("clean" to listOf(1.0)),
        mean = listOf(1.0, 0.5, 1.0, -1.0),
        ciLow = emptyList(),
        ciHigh = emptyList(),
        pValue = emptyList(),
        pCorrected = emptyList(),
        dose = DoseControls(listOf(listOf(1.0, 1.2, 1.0, 1.5)), listOf(listOf(1.0, 1.0, 1.0, 0.9))),
    )

private fun grid(
    analysis: AnalysisSpec,
    result: Result,
): ResultGrid = ResultGrid(result, Fixtures.spec(2, Fixtures.tokens).copy(analyses = listOf(analysis)))
