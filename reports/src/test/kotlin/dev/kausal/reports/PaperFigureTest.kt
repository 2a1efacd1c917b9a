package dev.kausal.reports

import dev.kausal.bundle.Bundle
import dev.kausal.reports.paper.NoSuchFigureException
import dev.kausal.reports.paper.PaperFigure
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import org.apache.pdfbox.Loader
import org.apache.pdfbox.rendering.PDFRenderer
import org.jsoup.Jsoup
import org.jsoup.nodes.Document
import org.jsoup.parser.Parser
import java.awt.image.BufferedImage

private const val POINTS = 72 / 25.4

class PaperFigureTest : FunSpec({
    val language = Fixtures.bundle(3)
    val images = ImageFixtures.bundle()

    fun read(figure: PaperFigure): Document = Jsoup.parse(figure.svg(), "", Parser.xmlParser())

    fun svg(
        bundle: Bundle,
        name: String,
        example: String? = null,
    ) = read(PaperFigure.of(bundle, name, example))

    fun drawn(figure: PaperFigure): BufferedImage =
        Loader.loadPDF(figure.pdf()).use { PDFRenderer(it).renderImageWithDPI(0, 100f) }

    test("an SVG has the width of a column, no font, no style and nothing that only the page uses") {
        for (name in listOf("1", "2", "3", "4", "5")) {
            val page = svg(language, name)
            val root = page.selectFirst("svg")!!
            root.attr("width") shouldBe "84mm"
            page.select("text, [font-family], [class], [style], use, [data-c], [display=none]").shouldBeEmpty()
            page.select("path").size shouldBeGreaterThan 5
        }
    }

    test("every cell of a heat map is there, with its light colour") {
        val cells = svg(language, "trace").select("svg svg g g rect").map { it.attr("fill") }
        val page = Jsoup.parse(dev.kausal.reports.page.ReportPage.render(language))
        val shown = page.select("#figure-1 .cells rect").map { it.attr("fill") }
        cells shouldContainExactly shown
        shown shouldHaveSize Fixtures.LAYERS * Fixtures.tokens.size
    }

    test("a PDF has one page of that width, and shows what the SVG does") {
        val figure = PaperFigure.of(language, "ablate heads", millimetres = 174.0)
        Loader.loadPDF(figure.pdf()).use { document ->
            document.numberOfPages shouldBe 1
            document.getPage(0).mediaBox.width.toDouble() shouldBe (174 * POINTS plusOrMinus 0.5)
            document.getPage(0).resources.fontNames.toList().shouldBeEmpty()
            document.documentInformation.subject shouldBe figure.caption
        }
        val picture = drawn(figure)
        val colours = (0 until picture.width step 3).flatMap { x ->
            (0 until picture.height step 3).map { picture.getRGB(x, it) }
        }
        colours.toSet().size shouldBeGreaterThan 20
        figure.pdf().contentEquals(figure.pdf()) shouldBe true
    }

    test("the caption has title, finding and how to read it") {
        val caption = PaperFigure.of(language, "trace").caption.lines()
        caption shouldHaveSize 3
        caption[0] shouldStartWith "Figure 1. trace"
        caption[1] shouldContain "logit difference"
        caption[2] shouldContain "neutral colour"
    }

    test("of several images one is drawn, the first or the one that is asked for") {
        val photos = listOf(null, "photo 1.png", "1").map {
            svg(images, "1", it).select("image").first()!!.attr("href")
        }
        (photos[0] == photos[1]) shouldBe false
        photos[1] shouldBe photos[2]
    }

    test("squares of a map stay squares: they are enlarged rather than interpolated") {
        val page = svg(images, "1")
        page.select("[image-rendering]").shouldBeEmpty()
        val address = page.select("image").map { it.attr("href") }.first { it.startsWith("data:image/png;base64,") }
        val png = java.util.Base64.getDecoder().decode(address.substringAfter(','))
        javax.imageio.ImageIO.read(png.inputStream()).width shouldBeGreaterThan 100
    }

    test("what is not a drawing is refused with the figures that are") {
        val missing = shouldThrow<NoSuchFigureException> { PaperFigure.of(language, "nothing") }.message!!
        missing shouldContain "There is no figure 'nothing'. Figures: 1 (trace), 2 (ablate heads)"
        shouldThrow<NoSuchFigureException> { PaperFigure.of(language, "lens") }.message!! shouldContain "tables are in"
        val example = shouldThrow<NoSuchFigureException> { PaperFigure.of(images, "1", "photo 9.png") }.message!!
        example shouldContain "has no example 'photo 9.png'. Examples: 0 (photo 0.png), 1 (photo 1.png)"
    }

    test("a token that is markup is outlined, and one that the font lacks stays text") {
        val words = Fixtures.tokens.mapIndexed { i, token ->
            if (i ==
                4
            ) {
                HOSTILE
            } else if (i == 6) {
                "\u6771\u4eac"
            } else {
                token
            }
        }
        val page = svg(Fixtures.bundle(2, words), "trace")
        page.select("script, img").shouldBeEmpty()
        page.select("text").map { it.text() } shouldContainExactly listOf("\u6771\u4eac *")
    }
})
