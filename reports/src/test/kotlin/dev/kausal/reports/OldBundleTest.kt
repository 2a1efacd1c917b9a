package dev.kausal.reports

import dev.kausal.bundle.Bundle
import dev.kausal.reports.page.ReportPage
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.headline
import dev.kausal.spec.Measure
import dev.kausal.spec.MetricSpec
import dev.kausal.spec.ResultKind
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path

/** Bundles that version 0.1.0 wrote, with results of every kind. */
class OldBundleTest :
    FunSpec({
        val bundles =
            listOf("language", "vision").map { name ->
                val folder = OldBundleTest::class.java.getResource("/bundles-0.1.0/$name")!!
                Bundle.read(Path.of(folder.toURI()))
            }
        val grids = bundles.flatMap { bundle -> bundle.results.results.map { ResultGrid(it, bundle.spec) } }

        test("results of every kind are read") {
            val later =
                setOf(
                    ResultKind.LensTokens,
                    ResultKind.Edges,
                    ResultKind.Circuit,
                    ResultKind.CircuitFaithfulness,
                    ResultKind.CircuitCompleteness,
                    ResultKind.CircuitMinimality,
                    ResultKind.Roc,
                    ResultKind.RocCurve,
                    ResultKind.Generation,
                    ResultKind.Direction,
                    ResultKind.AlignmentSearch,
                    ResultKind.InterchangeAccuracy,
                    ResultKind.InterchangeDifference,
                    ResultKind.Probe,
                    ResultKind.ProbeAccuracy,
                    ResultKind.ProbeTransfer,
                    ResultKind.DoseResponse,
                    ResultKind.SideEffect,
                    ResultKind.Overlap,
                    ResultKind.FeatureActivations,
                    ResultKind.FeatureAttribution,
                    ResultKind.AttributionGraph,
                )
            grids.map { it.result.kind } shouldContainAll ResultKind.entries - later
        }

        test("what a result measures is known, and has the text that the result gives it") {
            for (grid in grids) withClue(grid.result.name) { grid.measure.text shouldBe grid.result.metric }
            grids.first { it.result.name == "removed" }.measure shouldBe Measure.ChangeOf(MetricSpec.LogitDifference)
        }

        test("a recovery is one by what it is, not by what a script calls its metric") {
            grids.filter { it.isRecovery }.map { it.result.name } shouldBe listOf("trace")
            grids.first { it.result.name == "named" }.result.metric shouldBe "recovery(mine)"
        }

        test("a debugged prediction without recorded ablations is compared with random patches all the same") {
            val vision = bundles.last()
            grids.first { it.result.name == "why" }.result.ablations shouldBe null
            ReportPage.render(vision) shouldContain "random draws change it as much"
        }

        test("each has a page that tells every result") {
            for (bundle in bundles) {
                val page = ReportPage.render(bundle)
                for (result in bundle.results.results) {
                    withClue(result.name) {
                        page shouldContain result.name
                        headline(ResultGrid(result, bundle.spec)) shouldNotBe ""
                    }
                }
            }
        }
    })
