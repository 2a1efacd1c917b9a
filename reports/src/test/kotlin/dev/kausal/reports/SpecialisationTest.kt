package dev.kausal.reports

import dev.kausal.reports.figure.draw
import dev.kausal.reports.page.ReportPage
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.findings
import dev.kausal.reports.svg.ColourScale
import dev.kausal.spec.AxisSpec
import dev.kausal.spec.FigureKind
import dev.kausal.spec.Result
import dev.kausal.spec.ResultKind
import dev.kausal.spec.ValueRange
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.io.ByteArrayInputStream
import java.util.Base64
import javax.imageio.ImageIO

class SpecialisationTest : FunSpec({
    val names = listOf("L0H0", "L1H1", "L0H1", "L1H0", "L2H0")
    val groups = listOf(1, 1, 0, 0, 0)
    val spec = ImageFixtures.bundle().spec

    fun alike(heads: List<String>, groups: List<Int>): ResultGrid {
        val axis = AxisSpec("head", heads)
        val row = heads.indices.flatMap { a ->
            heads.indices.map { b ->
                if (a == b) {
                    1.0
                } else if (groups[a] == groups[b]) {
                    0.75
                } else {
                    -0.25
                }
            }
        }
        val axes = listOf(axis, axis.copy(name = "other head"))
        val shape = List(2) { heads.size }
        val rows = listOf(row)
        val result =
            Result(
                "alike",
                ResultKind.Specialisation,
                "similarity",
                axes,
                listOf("a"),
                shape,
                rows,
                mean = row,
                groups = groups,
            )
        return ResultGrid(result, spec)
    }

    fun image(html: String, index: Int = 0) =
        Regex("href=\"data:image/png;base64,([^\"]+)\"").findAll(html).elementAt(index).groupValues[1].let {
            ImageIO.read(ByteArrayInputStream(Base64.getDecoder().decode(it)))
        }

    test("clusters are framed, numbered and told apart in numbers") {
        val grid = alike(names, groups)
        val html = draw(FigureKind.Heatmap, grid, "f1", "Alike").html
        Regex("<rect [^>]*fill=\"none\"").findAll(html).map { it.value }.toList().let { frames ->
            frames.size shouldBe 2
            val (first, second) = frames.map { Regex(" x=\"(\\d+)\".* width=\"(\\d+)\"").find(it)!!.destructured }
            val (left, wide) = first
            val (right, wider) = second
            (right.toInt() - left.toInt()) shouldBe wide.toInt()
            wider.toInt() * 2 shouldBe wide.toInt() * 3
        }
        html shouldContain ">1</text>"
        html shouldContain ">L2H0</text>"
        val pixels = image(html)
        pixels.width shouldBe 5
        val scale = ColourScale.changes(0.0, 1.0, ValueRange.CORRELATION)
        (pixels.getRGB(1, 0) and 0xffffff) shouldBe scale.rgb(0.75)
        (pixels.getRGB(2, 0) and 0xffffff) shouldBe scale.rgb(-0.25)
        findings(grid) shouldBe
            listOf(
                "5 heads in 2 clusters; the largest has 3: L0H1, L1H0 and L2H0. " +
                    "Mean correlation of maps: 0.75 within a cluster and \u22120.25 across.",
            )
    }

    test("many heads are drawn without their names") {
        val many = List(144) { "L${it / 12}H${it % 12}" }
        val drawing = draw(FigureKind.Heatmap, alike(many, List(144) { it / 36 }), "f1", "")
        drawing.html shouldNotContain "L0H0"
        image(drawing.html).height shouldBe 144
        drawing.reading shouldContain "The note lists the heads."
    }

    test("the maps behind it stand cluster by cluster, in one scale") {
        val axes = listOf(AxisSpec("head", names)) + ImageFixtures.patches
        val cells = 5 * 49

        fun weight(cell: Int) = (cell / 49 + 1.0) * if (cell % 49 == 10) 1.0 else 0.1
        val rows = List(2) { e -> List(cells) { cell -> weight(cell) * (e + 1) } }
        val mean = List(cells) { cell -> rows.map { it[cell] }.average() }
        val photos = listOf("photo 0.png", "photo 1.png")
        val shape = listOf(5, 7, 7)
        val result =
            Result(
                "alike.maps",
                ResultKind.AttentionMaps,
                "share",
                axes,
                photos,
                shape,
                rows,
                mean = mean,
                groups = groups,
            )
        val grid = ResultGrid(result, spec)
        val html = draw(FigureKind.ImageMap, grid, "f2", "").html
        Regex("class=\"panel\"").findAll(html).count() shouldBe 5
        Regex("class=\"legend\"").findAll(html).count() shouldBe 1
        html shouldContain "<strong>Cluster 2</strong>, 3 heads"
        html shouldContain "Colours: 0.000 to 7.500, share"
        html shouldContain "Head L1H1. Strongest at row 1, column 3."
        (image(html, 4).getRGB(3, 1) and 0xffffff) shouldBe
            ColourScale.of(listOf(7.5), changes = false, ValueRange.SHARE).rgb(7.5)
        // They are about no single image.
        val page = ReportPage.render(
            ImageFixtures.bundle().let { it.copy(results = it.results.copy(results = listOf(result))) },
        )
        page shouldNotContain "aria-label=\"Map. "
    }
})
