package dev.kausal.reports

import dev.kausal.bundle.Bundle
import dev.kausal.bundle.BundleException
import dev.kausal.reports.figure.draw
import dev.kausal.reports.page.ReportPage
import dev.kausal.reports.page.inert
import dev.kausal.reports.page.isCarried
import dev.kausal.reports.result.ResultGrid
import dev.kausal.reports.stories.findings
import dev.kausal.reports.stories.headline
import dev.kausal.spec.FigureKind
import dev.kausal.spec.FigureSpec
import dev.kausal.spec.Results
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeUnique
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import kotlinx.serialization.json.Json
import org.jsoup.Jsoup
import java.nio.file.Files
import java.nio.file.Path

class ReportPageTest : FunSpec({
    val one = ReportPage.render(Fixtures.bundle())

    test("the whole finding of the figure beside the summary is on the page, though the summary has its headline") {
        val bundle = Fixtures.bundle(8)
        val tested = bundle.results.results.first { it.name == "trace" }.let { result ->
            val p = result.mean.map { it?.let { 0.01 } }
            result.copy(pCorrected = p, inference = StoryFixtures.inferred(30), smallest = 0.5)
        }
        val grid = ResultGrid(tested, bundle.spec)
        val finding = findings(grid).joinToString(" ")
        finding shouldNotBe headline(grid)
        val page = Jsoup.parse(ReportPage.render(bundle.copy(results = Results(results = listOf(tested)))))
        page.select(".findings").text() shouldContain headline(grid)
        page.select(".opening .facts").text() shouldContain finding
    }

    test("the page asks nothing of a network") {
        val content = one.replace(Regex("""<script>.*</script>""", RegexOption.DOT_MATCHES_ALL), "")
            .replace("xmlns=\"http://www.w3.org/2000/svg\"", "")
            .replace(Regex("sha256-[A-Za-z0-9+/=]+"), "")
            .replace(Regex("\"([fp]32:)?[A-Za-z0-9+/=]{300,}\""), "\"packed\"")
            .replace("xmlns:xlink=\"http://www.w3.org/1999/xlink\"", "")
        Regex("""(?i)(https?:)?//[a-z0-9]|@import|url\((?!#)""").findAll(content).map { it.value }.toList()
            .filter { it != "// <" } shouldHaveSize 0
        one shouldContain "default-src 'none'; img-src data:; style-src 'sha256-"
        one shouldNotContain "unsafe"
    }

    test("the page holds nothing that its policy would have to stop") {
        one shouldNotContain " style=\""
        Regex("<style").findAll(one).count() shouldBe 1
        Regex("""<[^>]+\son[a-z]+=""").containsMatchIn(one.substringBefore("<script>")) shouldBe false
    }

    test("embedded JSON ends neither its element nor a line") {
        inert("[\"</script>\u2028\u2029\"]") shouldBe "[\"\\u003c/script>\\u2028\\u2029\"]"
    }

    test("two renders are the same bytes and ids are unique") {
        ReportPage.render(Fixtures.bundle()) shouldBe one
        Regex("""\bid="([^"]+)"""").findAll(one).map { it.groupValues[1] }.toList().shouldBeUnique()
    }

    test("every reference to an id has one") {
        val ids = Regex("""\bid="([^"]+)"""").findAll(one).map { it.groupValues[1] }.toSet()
        Regex("""url\(#([^)]+)\)|href="#([^"]+)"""").findAll(one)
            .map { it.groupValues[1] + it.groupValues[2] }.filter { it !in ids }.toList() shouldHaveSize 0
    }

    test("the summary is true of the numbers") {
        one shouldContain "is restored in this example at position 6 (Tower) up to layer 15"
        one shouldContain "Ablating single heads changes the logit difference in this example: head 18.4 by \u22122.300"
        one shouldContain "L18H4 +1.900"
        one shouldContain "sum to 3.200, within"
        one shouldContain "from position 9 (is) to position 6 (Tower)"
        one shouldContain "the answer \u201cParis\u201d is the likeliest token from layer 22 on"
    }

    test("a sum that does not match is said") {
        val result = Fixtures.attribution(1).let { it.copy(baseline = mapOf("clean" to listOf(5.0))) }
        findings(ResultGrid(result, Fixtures.spec(1, Fixtures.tokens))).last() shouldContain
            "but the clean run's logit difference is 5.000"
    }

    test("a hostile token is inert in every figure") {
        val words = Fixtures.tokens.mapIndexed { i, token -> if (i == 6) HOSTILE else token }
        val page = ReportPage.render(Fixtures.bundle(2, words))
        page shouldNotContain "<img"
        Regex("</script>").findAll(page).count() shouldBe Regex("<script").findAll(page).count()
        page shouldContain "&lt;/script&gt;&lt;img"
        page shouldContain "\\u003c/script>"
    }

    test("a link in a token stays text") {
        val words = Fixtures.tokens.mapIndexed { i, token -> if (i == 6) "<a href=\"x\">y</a>\\(z\\)" else token }
        ReportPage.render(Fixtures.bundle(1, words)) shouldNotContain Regex("<a [^>]*href=\"x\"").pattern
        val grid = ResultGrid(Fixtures.patch(1, words), Fixtures.spec(1, words))
        draw(FigureKind.Heatmap, grid, "f1", "").html shouldContain
            "&lt;a href"
    }

    test("a label that occurs twice keeps its two rows, and the subject is marked") {
        val grid = ResultGrid(Fixtures.patch(1), Fixtures.spec(1, Fixtures.tokens))
        val html = draw(FigureKind.Heatmap, grid, "f1", "").html
        Regex(">\\s*the\\s*<").findAll(html.substringAfter("class=\"plot\"").substringBefore("</svg>")).count() shouldBe
            2
        html shouldContain "Tower *"
    }

    test("values that were not computed are gaps") {
        val whole = ResultGrid(Fixtures.patch(1), Fixtures.spec(1, Fixtures.tokens))
        val html = draw(FigureKind.Heatmap, whole, "f1", "").html
        val none = Fixtures.patch(1).let { it.copy(mean = it.mean.map { null }) }
        html.length shouldBeLessThan 200_000
        val grid = ResultGrid(none, Fixtures.spec(1, Fixtures.tokens))
        draw(FigureKind.Heatmap, grid, "f1", "").html shouldContain "nothing to draw"
        findings(grid).single() shouldBe "No value of trace was computed."
    }

    test("a grid of one value is drawn") {
        for (value in listOf(0.0, 0.02, 7.5)) {
            val flat = Fixtures.patch(1).let { it.copy(mean = it.mean.map { value }) }
            val html = draw(FigureKind.Heatmap, ResultGrid(flat, Fixtures.spec(1, Fixtures.tokens)), "f1", "").html
            html shouldContain "Tower *"
        }
    }

    test("the interval's band has the gap of its line") {
        val grid = ResultGrid(Fixtures.perLayer(1), Fixtures.spec(1, Fixtures.tokens))
        val html = draw(FigureKind.Lines, grid, "f1", "").html
        Regex("""fill-opacity="0.18|fill-opacity="0.17""").findAll(html).count() shouldBe 2
    }

    test("the rest is one bar") {
        val grid = ResultGrid(Fixtures.attribution(1), Fixtures.spec(1, Fixtures.tokens))
        draw(FigureKind.Bars, grid, "f1", "").html shouldContain "other (281)"
    }

    test("many examples say so, one says so too") {
        ReportPage.render(Fixtures.bundle(8)) shouldContain ", mean over 8 examples"
        one shouldContain ", one example"
    }

    test("an empty run still makes a page") {
        val page = ReportPage.render(Fixtures.bundle().copy(results = Results(results = emptyList())))
        page shouldContain "The run has no results."
    }

    test("every kind is drawn of every result, or another in its stead") {
        val bundle = Fixtures.bundle(3)
        val all = bundle.results.results.flatMap { r -> FigureKind.entries.map { FigureSpec(it, r.name) } }
        val page = ReportPage.render(
            bundle.copy(
                spec = bundle.spec.copy(
                    figures =
                        all + FigureSpec(FigureKind.Bars, "missing"),
                ),
            ),
        )
        page shouldContain "The bundle has no result named missing."
        page shouldContain "which the script asks for"
    }

    test("attention stays small") {
        val grid = ResultGrid(Fixtures.attention(Fixtures.tokens), Fixtures.spec(1, Fixtures.tokens))
        draw(FigureKind.Attention, grid, "f1", "").html.length shouldBeLessThan 400_000
    }

    test("three axes state what the third was reduced to") {
        val axes = Fixtures.ablation(1).axes + Fixtures.positions(listOf("a", "b"))
        val base = Fixtures.ablation(1)
        val result = base.copy(
            axes = axes,
            mean = base.mean.flatMap {
                listOf(it, 3.2)
            },
            shape = axes.map { it.labels.size },
        )
        draw(FigureKind.Heatmap, ResultGrid(result, Fixtures.spec(1, Fixtures.tokens)), "f1", "").reading shouldContain
            "along the third axis, head"
    }

    test("a look for the eye") {
        val folder = System.getProperty("kausal.look")
        if (folder != null) {
            Files.createDirectories(Path.of(folder))
            Files.writeString(Path.of(folder, "one.html"), one)
            Files.writeString(Path.of(folder, "many.html"), ReportPage.render(Fixtures.bundle(8)))
        }
    }
})

class BundleTest : FunSpec({
    fun folder(): Path {
        val folder = Files.createTempDirectory("bundle")
        val bundle = Fixtures.bundle()

        fun <T> write(
            name: String,
            serializer: kotlinx.serialization.KSerializer<T>,
            value: T,
        ) = Files.writeString(folder.resolve(name), Json.encodeToString(serializer, value))
        write("spec.json", dev.kausal.spec.ExperimentSpec.serializer(), bundle.spec)
        write("results.json", Results.serializer(), bundle.results)
        write("environment.json", dev.kausal.spec.EnvironmentRecord.serializer(), bundle.environment)
        Files.writeString(folder.resolve(bundle.spec.script), bundle.script)
        return folder
    }

    test("what is written is read") {
        Bundle.read(folder()) shouldBe Fixtures.bundle()
    }

    test("a missing file is named") {
        val folder = folder().also { Files.delete(it.resolve("results.json")) }
        shouldThrow<BundleException> { Bundle.read(folder) }.message shouldContain "has no results.json"
    }

    test("a corrupt file is named") {
        val folder = folder().also { Files.writeString(it.resolve("results.json"), "{\"results\": [1") }
        shouldThrow<BundleException> { Bundle.read(folder) }.message shouldContain "is not a valid results.json"
    }

    test("a newer schema is refused") {
        val folder = folder().also { Files.writeString(it.resolve("results.json"), "{\"schema\": 2, \"x\": []}") }
        shouldThrow<BundleException> { Bundle.read(folder) }.message shouldContain "schema 2"
        Files.writeString(folder.resolve("results.json"), "{\"schema\": 2, \"results\": []}")
        shouldThrow<BundleException> { Bundle.read(folder) }.message shouldContain "schema 2"
    }

    test("a result of more cells than a page should carry is drawn, and not carried") {
        val result = Fixtures.attribution(1)
        isCarried(result.copy(mean = List(200_000) { 0.0 })) shouldBe true
        isCarried(result.copy(mean = List(200_001) { 0.0 })) shouldBe false
    }

    test("a script outside the bundle is refused") {
        val folder = folder()
        val file = folder.resolve("spec.json")
        Files.writeString(file, Files.readString(file).replace("eiffel.lens.kts", "../eiffel.lens.kts"))
        shouldThrow<BundleException> { Bundle.read(folder) }.message shouldContain "which is not a file name"
    }
})
