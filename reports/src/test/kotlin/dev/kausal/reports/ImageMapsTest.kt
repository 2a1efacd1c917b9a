package dev.kausal.reports

import dev.kausal.reports.figure.ImageMaps
import dev.kausal.reports.figure.Photos
import dev.kausal.reports.figure.attentionFigure
import dev.kausal.reports.figure.draw
import dev.kausal.reports.figure.mapFindings
import dev.kausal.reports.page.ReportPage
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.defaultKind
import dev.kausal.reports.svg.ColourScale
import dev.kausal.reports.svg.Plate
import dev.kausal.reports.words.number
import dev.kausal.spec.AttentionMapsSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.PlaceSpec
import dev.kausal.spec.ResultKind
import dev.kausal.spec.Results
import dev.kausal.spec.ValueRange
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeUnique
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotBeBlank
import io.kotest.matchers.string.shouldNotContain
import java.io.ByteArrayInputStream
import java.util.Base64
import javax.imageio.ImageIO

class ImageMapsTest : FunSpec({
    val bundle = ImageFixtures.bundle()
    val page = ReportPage.render(bundle)
    val photos = Photos(bundle)

    fun grid(name: String) = ResultGrid(bundle.results.results.first { it.name == name }, bundle.spec)

    test("every panel has words in its place, and every picture on the page is one that a browser can draw") {
        val panels = Regex("<div class=\"panel\">(<svg.*?</svg>)<span>(.*?)</span></div>").findAll(page).toList()
        panels.size shouldBe Regex("class=\"panel\"").findAll(page).count()
        panels.forEach { panel ->
            val (svg, caption) = panel.destructured
            Regex("aria-label=\"([^\"]+)\"").find(svg)!!.groupValues[1].shouldNotBeBlank()
            caption.shouldNotBeBlank()
        }
        val pictures = Regex("data:image/png;base64,([^\"]+)\"").findAll(page).map { it.groupValues[1] }.toSet()
        pictures.forEach { ImageIO.read(ByteArrayInputStream(Base64.getDecoder().decode(it))).shouldNotBeNull() }
        // Two photos, and maps for them: not one picture over and over.
        pictures.size shouldBeGreaterThan 2 * ImageFixtures.LAYERS * ImageFixtures.HEADS
    }

    test("each photo is on the page once, and figures use it") {
        Regex("<image id=\"photo-").findAll(page).count() shouldBe 2
        page shouldContain "<use href=\"#photo-0000000000000001\"/>"
        Regex("""\bid="([^"]+)"""").findAll(page).map { it.groupValues[1] }.toList().shouldBeUnique()
        val ids = Regex("""\bid="([^"]+)"""").findAll(page).map { it.groupValues[1] }.toSet()
        Regex("""url\(#([^)]+)\)|href="#([^"]+)"""").findAll(page)
            .map { it.groupValues[1] + it.groupValues[2] }.filter { it !in ids }.toList() shouldHaveSize 0
    }

    test("the image, the map and both stand side by side; layers and heads follow") {
        val html = ImageMaps(grid("looks"), photos, "f1").drawing().html
        Regex(">The image<").findAll(html).count() shouldBe 2
        Regex(">Over the image<").findAll(html).count() shouldBe 2
        Regex("class=\"panel\"").findAll(html).count() shouldBe
            2 * (3 + ImageFixtures.LAYERS + ImageFixtures.LAYERS * ImageFixtures.HEADS)
    }

    test("the strongest patch is named and framed where it is") {
        val maps = ImageMaps(grid("rolled"), photos, "f1")
        maps.finding(0) shouldContain "photo 0.png, layer 3: strongest patch at row 1, column 1: 22.8 %"
        maps.finding(1) shouldContain "row 1, column 3"
        maps.drawing().html shouldContain "<rect x=\"48.00\" y=\"16.00\" width=\"16.00\" height=\"16.00\" fill=\"none\""
        ImageMaps(grid("removed"), photos, "f1").finding(0) shouldContain
            "photo 0.png: strongest patch at row 1, column 1: change of logit difference"
    }

    test("maps under one legend share one scale, whose ends are the values' own") {
        val html = ImageMaps(grid("rolled"), photos, "f1").drawing().html
        val largest = grid("rolled").result.perExample.flatten().filterNotNull().max()
        html shouldContain "Colours: 0.000 to ${number(largest)}, rollout"
        Regex("class=\"legend\"").findAll(html).count() shouldBe 1
    }

    test("a map's pixels have the colours of its values") {
        val html = ImageMaps(grid("rolled"), photos, "f1").drawing().html
        val maps = Regex(
            """image-rendering="pixelated" href="data:image/png;base64,([^"]+)"""",
        ).findAll(html).toList()
        val image = ImageIO.read(ByteArrayInputStream(Base64.getDecoder().decode(maps.first().groupValues[1])))
        image.width shouldBe ImageFixtures.GRID
        val values = grid("rolled").result.perExample[0].takeLast(49).map { it!! }
        val scale = ColourScale.of(
            grid("rolled").result.perExample.flatten().filterNotNull(),
            changes = false,
            ValueRange.SHARE,
        )
        for (patch in listOf(0, 8, 48)) {
            image.getRGB(patch % 7, patch / 7) and 0xffffff shouldBe scale.rgb(values[patch])
        }
    }

    test("what an edit changed is drawn around its run's value, gaps stay open") {
        val maps = ImageMaps(grid("removed"), photos, "f1")
        maps.drawing().html shouldContain "change of logit difference"
        maps.drawing().reading shouldContain "Orange is above 0, blue below."
        val map = Regex(
            """image-rendering="pixelated" href="data:image/png;base64,([^"]+)"""",
        ).find(maps.drawing().html)!!
        val image = ImageIO.read(ByteArrayInputStream(Base64.getDecoder().decode(map.groupValues[1])))
        image.getRGB(6, 6) ushr 24 shouldBe 0
        image.getRGB(0, 0) ushr 24 shouldBe 255
    }

    test("between patches values are interpolated, at their middles kept") {
        val plate = Plate(1, 2, listOf(1.0, 3.0)).smooth(3)
        val expected = listOf(1.0, 1.0, 1.0 + 2.0 / 3, 3.0 - 2.0 / 3, 3.0, 3.0)
        plate.rows shouldBe 3
        plate.values.take(6).zip(expected).forEach { (found, it) -> found!! shouldBe (it plusOrMinus 1e-12) }
        Plate(1, 2, listOf(1.0, null)).smooth(2).values.last() shouldBe null
    }

    test("colours grow lighter with the value") {
        val scale = ColourScale.of(listOf(0.0, 1.0), changes = false, ValueRange.ANY)

        fun light(rgb: Int) = 0.299 * (rgb shr 16 and 255) + 0.587 * (rgb shr 8 and 255) + 0.114 * (rgb and 255)
        val lights = List(50) { light(scale.rgb(it / 49.0)) }
        lights.zipWithNext().all { (a, b) -> b > a } shouldBe true
        ColourScale.of(listOf(0.5, -2.0), changes = false, ValueRange.ANY).low shouldBe -2.0
        ColourScale.of(listOf(0.5, -1e-9), changes = false, ValueRange.NOT_NEGATIVE).low shouldBe 0.0
    }

    test("image by image: what is true, what the model says, and why") {
        page shouldContain "True class: sun. Predicted: moon (61.2 %), then sun (30.1 %): wrong."
        page shouldContain "id=\"images\""
        page shouldContain "href=\"#images\""
    }

    test("maps of different things have a legend each, and a sentence each") {
        val several = ResultGrid(ImageFixtures.several(2), bundle.spec)
        val html = draw(FigureKind.ImageMap, several, "f9", "", photos).html
        Regex("class=\"legend\"").findAll(html).count() shouldBe 2
        html shouldContain "For the rival"
        mapFindings(several)[1] shouldContain "For the rival: photo 0.png: strongest patch at row 5, column 3"
        defaultKind(several) shouldBe FigureKind.ImageMap
    }

    test("a prediction is explained with probabilities, and what taking parts out does to both classes") {
        val results = listOf(ImageFixtures.withoutPatches(2), ImageFixtures.probabilities(2), ImageFixtures.several(2))
        val html = ReportPage.render(bundle.copy(results = Results(results = results)))
        html shouldContain "True class: sun. Predicted: hill (75.0 %), then sun (20.0 %): wrong."
        html shouldContain "<td>5 patches</td><td>1.250</td><td>\u22120.500</td>"
        html shouldContain "looks.maps, for the rival"
    }

    test("the patch that looks is framed too") {
        val from = AttentionMapsSpec("looks", "photos", layers = listOf(3), from = PlaceSpec.Patch(6, 2))
        val looks = bundle.results.results.first { it.name == "looks" }
        val asked = ResultGrid(looks, bundle.spec.copy(analyses = listOf(from)))
        val drawing = ImageMaps(asked, photos, "f1").drawing()
        drawing.html shouldContain Regex("x=\"32.00\" y=\"96.00\"[^>]*stroke=\"#5ad1ff\"")
        drawing.reading shouldContain "a blue one the query patch."
    }

    test("of a sweep over layers the one where an edit does most is shown large") {
        val traced = ImageFixtures.rollout(1).let {
            it.copy(name = "removed", kind = ResultKind.Sweep, metric = "recovery(logit)")
        }
        ImageMaps(ResultGrid(traced, bundle.spec), photos, "f1").finding(0) shouldContain
            "Layer 0: strongest patch at row 1, column 1"
    }

    test("an image too many is left to the bundle") {
        val many = ImageFixtures.bundle(20)
        val html = ReportPage.render(many)
        html.length shouldBeLessThan 5_000_000
        html shouldContain "4 more images of photos in results.json."
    }

    test("a page of prompts has no images") {
        ReportPage.render(Fixtures.bundle()) shouldNotContain "id=\"images\""
    }

    test("attention that looks ahead is not called causal") {
        val words = listOf("a", "b")
        val ahead = Fixtures.attention(words).let { it.copy(mean = it.mean.map { _ -> 0.5 }) }
        attentionFigure(ResultGrid(ahead, Fixtures.spec(1, words)), "").reading shouldNotContain "upper triangle"
        attentionFigure(ResultGrid(Fixtures.attention(words), Fixtures.spec(1, words)), "").reading shouldContain
            "upper triangle"
    }
})
