package dev.kausal.reports

import dev.kausal.reports.figure.Photos
import dev.kausal.reports.figure.imageMaps
import dev.kausal.reports.page.ReportPage
import dev.kausal.reports.result.Grid
import dev.kausal.reports.stories.DebugStory
import dev.kausal.reports.stories.findings
import dev.kausal.reports.stories.told
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.DebugPredictionSpec
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
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
        kind: ResultKind,
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

    val parts = listOf("nothing", "2 patches for the rival", "2 patches drawn at random", "1 head for the rival")
    val removed = AxisSpec("removed", parts)
    val classes = AxisSpec("class", listOf("right class", "rival"))
    val maps = AxisSpec("map", listOf("last layer's attention", "rollout", "for the right class", "for the rival"))
    val even = listOf(0.1, 0.2, 0.3, 0.4)
    val components = AxisSpec("component", listOf("L0H1", "MLP 0", "L1H0", "bias"))
    val results =
        listOf(
            result(
                "why",
                ResultKind.DebugPrediction,
                listOf(removed, classes),
                listOf(1.0, 3.0, 2.5, 1.0, 1.0, 2.5, 1.5, 2.0),
                listOf(3.0, 1.0, 2.5, 1.0, 0.5, 1.5, 3.0, 1.0),
            ),
            result(
                "why.probabilities",
                ResultKind.DebugPrediction,
                listOf(AxisSpec("class", listOf("sun", "moon", "hill"))),
                listOf(0.1, 0.75, 0.15),
                listOf(0.8, 0.15, 0.05),
            ),
            result(
                "why.random",
                ResultKind.DebugControl,
                listOf(AxisSpec("draw", listOf("0", "1")), classes),
                listOf(1.0, 2.0, 1.0, 3.0),
                listOf(0.0, 1.0, 0.0, 1.0),
            ),
            result(
                "why.maps",
                ResultKind.AttentionMaps,
                listOf(maps) + axes,
                even + even + listOf(0.6, 0.2, 0.1, 0.1) + listOf(0.1, 0.1, 0.2, 0.6),
                even + even + even + even,
            ),
            result(
                "why.attribution",
                ResultKind.DirectLogitAttribution,
                listOf(components),
                listOf(-1.5, 0.5, -1.0, 0.01),
                listOf(0.5, 0.5, 0.5, 0.5),
            ),
            result(
                "why.patches",
                ResultKind.PatchAttribution,
                axes,
                listOf(0.0, 0.2, -0.9, 0.0),
                listOf(0.0, 0.0, 0.0, 0.0),
            ),
        )
    val grids = results.map { Grid(it, spec) }
    val contrasts = spec.contrasts.single().contrasts

    fun told(example: Int) = DebugStory.of(contrasts[example], example, grids)!!.paragraphs().toMap()

    test("a mistake: what it is taken for, where attention went, what wrote it and what removing does") {
        val told = told(0)
        told.getValue("The mistake") shouldBe
            "It shows \u201csun\u201d, and the model says \u201cmoon\u201d, with 75.0 %; it gives \u201csun\u201d " +
            "10.0 %. The logit of \u201csun\u201d is 2.00 below that of \u201cmoon\u201d."
        told.getValue("Where attention went") shouldContain
            "attention for \u201csun\u201d is strongest at row 0, column 0 (60.0 % of the map), for \u201cmoon\u201d " +
            "at row 1, column 1 (60.0 % of"
        told.getValue("Where attention went") shouldContain "They rest on different places (correlation \u22120.53)."
        told.getValue("What writes the difference") shouldBe
            "For \u201csun\u201d: MLP 0 (+0.500); for \u201cmoon\u201d: L0H1 (\u22121.500) and L1H0 (\u22121.000). " +
            "Of what heads moved, by the patch that it came from: for \u201csun\u201d: row 0, column 1 (+0.200); for " +
            "\u201cmoon\u201d: row 1, column 0 (\u22120.900)."
        told.getValue("What removing does") shouldBe
            "The logit of \u201csun\u201d minus that of \u201cmoon\u201d is \u22122.000. It becomes +1.500 without " +
            "2 patches for the rival (which puts \u201csun\u201d first), \u22121.500 without 2 patches drawn at " +
            "random and \u22120.500 without 1 head for the rival. The 2 patches for the rival move it furthest, by " +
            "3.50; of 2 random draws of as many, none moves it as far (0.50 on average): these patches matter more " +
            "than chance would have it."
    }

    test("a right prediction, whose chosen patches matter no more than others, is told so") {
        val told = told(1)
        told.getValue("The decision") shouldContain "and the model says so, with 80.0 %; next comes"
        told.getValue("What removing does") shouldContain "(which puts \u201cmoon\u201d first)"
        told.getValue("What removing does") shouldContain
            "by 0.50; of 2 random draws of as many, 2 move it as far (3.00 on average): so this map shows"
        told.getValue("What writes the difference") shouldContain "for \u201cmoon\u201d: nothing much."
    }

    test("it stands on the page beside each image, and nowhere where nothing was debugged") {
        val page = ReportPage.render(base.copy(spec = spec, results = Results(results = results)))
        Regex("<strong>The mistake. </strong>").findAll(page).count() shouldBe 1
        Regex("<strong>What removing does. </strong>").findAll(page).count() shouldBe 2
        ReportPage.render(base) shouldNotContain "What removing does"
    }

    test("a summary counts the mistakes; maps of one group have one scale") {
        findings(grids[0]) shouldBe
            listOf(
                "The model is wrong about 1 of 2 images. The right class's logit minus the rival's is 0.000 on " +
                    "average. Of what was removed, 2 patches for the rival change it most, to +1.500. What holds for " +
                    "each image is told under Image by image.",
            )
        val maps = results.first { it.name == "why.maps" }
        val apart = imageMaps(Grid(maps, spec), Photos.NONE, "f").html
        val together = imageMaps(Grid(maps.copy(groups = listOf(0, 1, 2, 2)), spec), Photos.NONE, "f").html
        Regex("Colours: 0.000 to 0.600").findAll(apart).count() shouldBe 2
        val larger = maps.perExample.map { row -> row.mapIndexed { i, x -> if (i > 11) x!! * 2 else x } }
        val scales = maps.copy(perExample = larger)
        val one = imageMaps(Grid(scales.copy(groups = listOf(0, 1, 2, 2)), spec), Photos.NONE, "f").html
        Regex("Colours: 0.000 to 1.200").findAll(one).count() shouldBe 2
        Regex("Colours: 0.000 to 1.200").findAll(together).count() shouldBe 0
    }

    test("which maps agree most and least is said of pairs, not of a map with itself") {
        val names = AxisSpec("map", listOf("a", "b", "c"))
        val values = listOf(1.0, 0.5, -0.25, 0.5, 1.0, 0.75, -0.25, 0.75, 1.0)
        val agree = result("agree", ResultKind.MapAgreement, listOf(names, names.copy(name = "other map")), values)
        findings(Grid(agree, spec)) shouldBe
            listOf("b and c agree most, with a rank correlation of 0.75; a and c least, with \u22120.25.")
    }

    test("correlation is Pearson's, and none of an even map") {
        DebugStory.correlation(listOf(1.0, 2.0, 3.0), listOf(2.0, 4.0, 6.5))!! shouldBe (0.99794872 plusOrMinus 1e-6)
        DebugStory.correlation(listOf(1.0, 1.0), listOf(2.0, 4.0)) shouldBe null
    }
})
