package dev.kausal.reports

import dev.kausal.reports.figure.Photos
import dev.kausal.reports.figure.imageMaps
import dev.kausal.reports.page.ReportPage
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.DebugStory
import dev.kausal.reports.stories.allFindings
import dev.kausal.reports.stories.findings
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.DebugPredictionSpec
import dev.kausal.spec.PredictionAblation
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
    val ablations =
        listOf(
            PredictionAblation.Nothing,
            PredictionAblation.RivalPatches,
            PredictionAblation.RandomPatches,
            PredictionAblation.RivalHeads,
        )
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
            ).copy(ablations = ablations),
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
    val grids = results.map { ResultGrid(it, spec) }
    val contrasts = spec.contrasts.single().contrasts

    fun story(example: Int) = DebugStory.of(contrasts[example], example, grids)!!.paragraphs().toMap()

    test("a mistake: what it is taken for, where attention went, what wrote it and what removing does") {
        val text = story(0)
        text.getValue("Mistake") shouldBe
            "Predicted: \u201cmoon\u201d 75.0 %, \u201csun\u201d 10.0 % (right). Logit difference \u201csun\u201d " +
            "minus \u201cmoon\u201d: \u22122.00."
        text.getValue("Attention") shouldContain
            "Strongest patches: row 0, column 0 (60.0 %) for \u201csun\u201d and row 1, column 1 (60.0 %) for " +
            "\u201cmoon\u201d (gradient-weighted)"
        text.getValue("Attention") shouldContain "The maps differ (correlation \u22120.53)."
        text.getValue("Attribution") shouldBe
            "For \u201csun\u201d: MLP 0 (+0.500); for \u201cmoon\u201d: L0H1 (\u22121.500) and L1H0 (\u22121.000). " +
            "By source patch of the heads: for \u201csun\u201d: row 0, column 1 (+0.200); for " +
            "\u201cmoon\u201d: row 1, column 0 (\u22120.900)."
        text.getValue("Ablations") shouldBe
            "The logit difference of \u22122.000 becomes +1.500 without 2 patches for the rival " +
            "(\u201csun\u201d first), \u22121.500 without 2 patches drawn at random and \u22120.500 without 1 head " +
            "for the rival. The 2 patches for the rival change it most, by 3.50; 0 of 2 random draws change " +
            "it as much (0.50 on average): these patches matter more than random ones."
    }

    test("patches are compared with random ones by what they are, whatever their labels") {
        val named = AxisSpec("removed", listOf("nothing", "these", "2 patches drawn at random", "2 patches of heads"))
        val result = results[0].copy(axes = listOf(named, classes))
        val renamed = listOf(ResultGrid(result, spec)) + grids.drop(1)
        val text = DebugStory.of(contrasts[0], 0, renamed)!!.paragraphs().toMap().getValue("Ablations")
        text shouldContain "The these change it most, by 3.50; 0 of 2 random draws"
        val unknown = listOf(ResultGrid(result.copy(ablations = null), spec)) + grids.drop(1)
        DebugStory.of(contrasts[0], 0, unknown)!!.paragraphs().toMap().getValue("Ablations") shouldNotContain
            "random draws"
    }

    test("a right prediction, whose chosen patches matter no more than others, is told so") {
        val text = story(1)
        text.getValue("Decision") shouldContain "Predicted: \u201csun\u201d 80.0 % (right), \u201cmoon\u201d 15.0 %."
        text.getValue("Ablations") shouldContain "(\u201cmoon\u201d first)"
        text.getValue("Ablations") shouldContain
            "by 0.50; 2 of 2 random draws change it as much (3.00 on average): the map shows attention"
        text.getValue("Attribution") shouldContain "for \u201cmoon\u201d: nothing notable."
    }

    test("it stands on the page beside each image, and nowhere where nothing was debugged") {
        val page = ReportPage.render(base.copy(spec = spec, results = Results(results = results)))
        Regex("<strong>Mistake. </strong>").findAll(page).count() shouldBe 1
        Regex("<strong>Ablations. </strong>").findAll(page).count() shouldBe 2
        ReportPage.render(base) shouldNotContain "<strong>Ablations. "
    }

    test("a summary counts the mistakes; maps of one group have one scale") {
        findings(grids[0]) shouldBe
            listOf(
                "1 of 2 images misclassified. Mean logit difference, right class minus rival: 0.000. Ablating 2 " +
                    "patches for the rival changes it most, to +1.500. Details: Image by image.",
            )
        val maps = results.first { it.name == "why.maps" }
        val apart = imageMaps(ResultGrid(maps, spec), Photos.NONE, "f").html
        val together = imageMaps(ResultGrid(maps.copy(groups = listOf(0, 1, 2, 2)), spec), Photos.NONE, "f").html
        Regex("Colours: 0.000 to 0.600").findAll(apart).count() shouldBe 2
        val larger = maps.perExample.map { row -> row.mapIndexed { i, x -> if (i > 11) x!! * 2 else x } }
        val scales = maps.copy(perExample = larger)
        val one = imageMaps(ResultGrid(scales.copy(groups = listOf(0, 1, 2, 2)), spec), Photos.NONE, "f").html
        Regex("Colours: 0.000 to 1.200").findAll(one).count() shouldBe 2
        Regex("Colours: 0.000 to 1.200").findAll(together).count() shouldBe 0
    }

    test("which maps agree most and least is said of pairs, not of a map with itself") {
        val names = AxisSpec("map", listOf("a", "b", "c"))
        val values = listOf(1.0, 0.5, -0.25, 0.5, 1.0, 0.75, -0.25, 0.75, 1.0)
        val agree = result("agree", ResultKind.MapAgreement, listOf(names, names.copy(name = "other map")), values)
        findings(ResultGrid(agree, spec)) shouldBe
            listOf("b and c agree most (rank correlation 0.75), a and c least (\u22120.25).")
    }

    test("correlation is Pearson's, and none of an even map") {
        DebugStory.correlation(listOf(1.0, 2.0, 3.0), listOf(2.0, 4.0, 6.5))!! shouldBe (0.99794872 plusOrMinus 1e-6)
        DebugStory.correlation(listOf(1.0, 1.0), listOf(2.0, 4.0)) shouldBe null
    }
})
