package dev.kausal.reports

import dev.kausal.spec.AxisSpec
import dev.kausal.spec.DebugPredictionSpec
import dev.kausal.spec.Result
import dev.kausal.spec.Results
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain

/** Two images of a sun: the first is taken for the moon, which two patches and a head bring about. */
class DebugStoryTest : FunSpec({
    val base = ImageFixtures.bundle()
    val set = base.spec.contrasts.single().name
    val debug = DebugPredictionSpec("why", set, 3, patches = 2, heads = 1, seed = 0)
    val spec = base.spec.copy(analyses = listOf(debug))
    val axes = listOf(AxisSpec("row", listOf("0", "1")), AxisSpec("column", listOf("0", "1")))

    fun result(
        name: String,
        kind: String,
        axes: List<AxisSpec>,
        vararg rows: List<Double>,
    ) = Result(
        name,
        kind,
        if (name.endsWith("probabilities")) "probability" else "logit",
        axes,
        rows.indices.map { "photo $it.png" },
        axes.map { it.labels.size },
        rows.toList(),
        mean = rows.first(),
    )

    val removed = AxisSpec("removed", listOf("nothing", "2 patches for the rival", "2 patches drawn at random", "1 head for the rival"))
    val classes = AxisSpec("class", listOf("right class", "rival"))
    val maps = AxisSpec("map", listOf("last layer's attention", "rollout", "for the right class", "for the rival"))
    val results =
        listOf(
            result(
                "why", "debugPrediction", listOf(removed, classes),
                listOf(1.0, 3.0, 2.5, 1.0, 1.0, 2.5, 1.5, 2.0),
                listOf(3.0, 1.0, 2.5, 1.0, 0.5, 1.5, 3.0, 1.0),
            ),
            result(
                "why.probabilities", "debugPrediction", listOf(AxisSpec("class", listOf("sun", "moon", "hill"))),
                listOf(0.1, 0.75, 0.15), listOf(0.8, 0.15, 0.05),
            ),
            result(
                "why.maps", "attentionMaps", listOf(maps) + axes,
                List(4) { listOf(0.1, 0.2, 0.3, 0.4) }.flatten().take(8) + listOf(0.6, 0.2, 0.1, 0.1) + listOf(0.1, 0.1, 0.2, 0.6),
                List(4) { listOf(0.1, 0.2, 0.3, 0.4) }.flatten(),
            ),
            result(
                "why.attribution", "directLogitAttribution", listOf(AxisSpec("component", listOf("L0H1", "MLP 0", "L1H0", "bias"))),
                listOf(-1.5, 0.5, -1.0, 0.01), listOf(0.5, 0.5, 0.5, 0.5),
            ),
            result("why.patches", "patchAttribution", axes, listOf(0.0, 0.2, -0.9, 0.0), listOf(0.0, 0.0, 0.0, 0.0)),
        )
    val grids = results.map { Grid(it, spec) }
    val contrasts = spec.contrasts.single().contrasts

    fun told(example: Int) = DebugStory.of(contrasts[example], example, grids)!!.paragraphs().toMap()

    test("a mistake: what it is taken for, where attention went, what wrote it and what removing does") {
        val told = told(0)
        told.getValue("The mistake") shouldBe
            "It shows sun, and the model says moon, with 75.0 %; it gives sun 10.0 %. " +
            "The logit of sun is 2.00 below that of moon."
        told.getValue("Where attention went") shouldContain
            "attention for sun is strongest at row 0, column 0 (60.0 % of the map), for moon at row 1, column 1 (60.0 % of"
        told.getValue("Where attention went") shouldContain "They rest on different places (correlation \u22120.53)."
        told.getValue("What writes the difference") shouldBe
            "For sun MLP 0 (+0.500), for moon L0H1 (\u22121.500) and L1H0 (\u22121.000). Of what heads moved, by the patch " +
            "that it came from: For sun row 0, column 1 (+0.200), for moon row 1, column 0 (\u22120.900)."
        told.getValue("What removing does") shouldBe
            "The logit of sun minus that of moon is \u22122.000; it becomes without 2 patches for the rival +1.500 (which " +
            "puts sun first), without 2 patches drawn at random \u22121.500 and without 1 head for the rival \u22120.500. " +
            "2 patches for the rival move it by 3.50, as many drawn at random by 0.50: attention there is not idle."
    }

    test("a right prediction, whose chosen patches matter no more than others, is told so") {
        val told = told(1)
        told.getValue("The decision") shouldContain "It shows sun, and the model says so, with 80.0 %; next comes moon"
        told.getValue("What removing does") shouldContain "(which puts moon first)"
        told.getValue("What removing does") shouldContain
            "No chosen patches move it by more than those drawn at random do (3.00)"
        told.getValue("What writes the difference") shouldContain "for moon nothing much."
    }

    test("it stands on the page beside each image, and nowhere where nothing was debugged") {
        val page = ReportPage.render(base.copy(spec = spec, results = Results(results = results)))
        Regex("<strong>The mistake. </strong>").findAll(page).count() shouldBe 1
        Regex("<strong>What removing does. </strong>").findAll(page).count() shouldBe 2
        ReportPage.render(base) shouldNotContain "What removing does"
    }

    test("correlation is Pearson's, and none of an even map") {
        DebugStory.correlation(listOf(1.0, 2.0, 3.0), listOf(2.0, 4.0, 6.5))!! shouldBe (0.99794872 plusOrMinus 1e-6)
        DebugStory.correlation(listOf(1.0, 1.0), listOf(2.0, 4.0)) shouldBe null
    }
})
