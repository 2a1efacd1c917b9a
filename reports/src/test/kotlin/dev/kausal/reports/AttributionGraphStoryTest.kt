package dev.kausal.reports

import dev.kausal.bundle.Bundle
import dev.kausal.reports.figure.Photos
import dev.kausal.reports.page.ReportPage
import dev.kausal.reports.page.figuresOf
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.findings
import dev.kausal.reports.svg.Palette
import dev.kausal.spec.AttributionGraphSpec
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.FeatureGraphRecord
import dev.kausal.spec.FeatureLink
import dev.kausal.spec.FeatureNode
import dev.kausal.spec.FeatureNodeKind
import dev.kausal.spec.FigureKind
import dev.kausal.spec.FigureSpec
import dev.kausal.spec.ResultKind
import dev.kausal.spec.Results
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import org.jsoup.Jsoup

private val tokens = listOf("<s>", " red", " tower").mapIndexed { position, token ->
    FeatureNode(FeatureNodeKind.Token, null, position, position, token, influence = 0.2, cumulative = 0.9)
}

/** Two features and an error lead to the first of two logits. */
private val graph =
    FeatureGraphRecord(
        active = 40,
        expanded = 12,
        nodes = listOf(
            FeatureNode(FeatureNodeKind.Feature, 0, 1, 7, activation = 2f, influence = 0.5, cumulative = 0.5),
            FeatureNode(FeatureNodeKind.Feature, 2, 2, 31, activation = 1.5f, influence = 0.7, cumulative = 0.3),
            FeatureNode(FeatureNodeKind.Error, 1, 2, influence = 0.1, cumulative = 0.95),
        ) + tokens + listOf(
            FeatureNode(FeatureNodeKind.Logit, null, 2, 17, " rome", probability = 0.9),
            FeatureNode(FeatureNodeKind.Logit, null, 2, 18, " oslo", probability = 0.05),
        ),
        links = listOf(
            FeatureLink(4, 0, 1.5f),
            FeatureLink(0, 1, 2.25f),
            FeatureLink(1, 6, 4.5f),
            FeatureLink(2, 6, -1.25f),
            FeatureLink(0, 6, 0.5f),
            FeatureLink(1, 7, -2f),
        ),
        replacement = 0.75,
        completeness = 0.875,
        scan = "tiny",
        nodeThreshold = 0.8,
    )

private fun bundle(): Bundle {
    val base = Fixtures.bundle(2)
    val spec = AttributionGraphSpec(
        "graph",
        "landmarks",
        1,
        transcoders = listOf(0),
        maxFeatures = 12,
        maxLogits = 10,
        probability = 0.95,
        step = 8,
        skip = 1,
        nodeThreshold = 0.8,
        edgeThreshold = 0.98,
    )
    val result = Fixtures.ablation(2).copy(
        name = "graph",
        kind = ResultKind.AttributionGraph,
        metric = AttributionGraphSpec.SCORES,
        axes = listOf(AxisSpec("score", AttributionGraphSpec.CELLS)),
        shape = listOf(2),
        perExample = List(2) { listOf(0.75, 0.875) },
        baseline = emptyMap(),
        mean = listOf(0.75, 0.875),
        ciLow = emptyList(),
        ciHigh = emptyList(),
        pValue = emptyList(),
        pCorrected = emptyList(),
        change = null,
        rounding = null,
        graphs = List(2) { graph },
    )
    val figures = listOf(FigureSpec(FigureKind.Graph, "graph"))
    return base.copy(
        spec = base.spec.copy(analyses = listOf(spec), figures = figures),
        results = Results(results = listOf(result)),
    )
}

/** What a page says of an attribution graph, and where its nodes are. */
class AttributionGraphStoryTest :
    FunSpec({
        test("the findings name the features that feed the next token, the scores, the errors and what pruning left") {
            val bundle = bundle()
            val text = findings(ResultGrid(bundle.results.results.single(), bundle.spec))
            text[0] shouldContain
                "\"rome\" (probability 0.900), is raised most by feature 31 of layer 2 at \"tower\" (+4.500)"
            text[0] shouldContain "feature 7 of layer 0 at \"red\" (+0.500)"
            text[1] shouldContain "features +5.000, errors −1.250 and tokens"
            text[0] shouldContain
                "replacement score is 0.750 and completeness 0.875; 1 would be a graph without errors."
            text[2] shouldContain "25.0 % of the influence"
            text[3] shouldBe "Of 40 active features, 12 were nodes; pruning leaves 2 of these, 1 error and 6 edges."
        }

        test("layers go up and positions across, and colours are signs") {
            val page = Jsoup.parse(ReportPage.render(bundle()))
            val drawing = page.select("svg.graph:not([display])").single()
            val places = drawing.select("[data-n]").associate { node ->
                val (x, y) = Regex("translate\\(([\\d.]+) ([\\d.]+)\\)").find(node.attr("transform"))!!.destructured
                node.attr("data-n") to (x.toDouble() to y.toDouble())
            }
            val low = places.getValue("L0 f7 at red (1)")
            val high = places.getValue("L2 f31 at tower (2)")
            val answer = places.getValue("next token rome")
            high.second shouldBeLessThan low.second
            answer.second shouldBeLessThan high.second
            high.first shouldBeGreaterThan low.first
            val edges = figuresOf(bundle(), Photos.NONE).single().data()!!.edges!!
            edges.first().name shouldBe "L0 f7 at red (1) -> L2 f31 at tower (2)"
            drawing.select("[data-e] path").map { it.attr("stroke") } shouldContainExactly
                edges.map { if (it.mean!! < 0) Palette.BELOW else Palette.ABOVE }
        }
    })
