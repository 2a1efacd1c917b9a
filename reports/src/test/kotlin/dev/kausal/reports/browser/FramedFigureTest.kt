package dev.kausal.reports.browser

import dev.kausal.reports.Fixtures
import dev.kausal.reports.page.FramedFigure
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith
import org.jsoup.Jsoup
import org.jsoup.safety.Safelist

class FramedFigureTest : BrowserSpec({
    val figures = FramedFigure.of(Fixtures.bundle(8))
    val trace = figures.first()

    test("there is one for each figure of the report, with its own numbers only") {
        val report = Jsoup.parse(dev.kausal.reports.page.ReportPage.render(Fixtures.bundle(8)))
        figures.map { "Figure ${it.number}. ${it.title}" } shouldContainExactly
            report.select("article h3").eachText()
        for (figure in figures) {
            val page = Jsoup.parse(figure.page)
            page.select("article") shouldHaveSize 1
            Regex("\"perExample\"").findAll(page.selectFirst("#numbers")!!.data()).count() shouldBe 1
        }
    }

    test("its page is inert text in a sandbox without the host's origin") {
        val frame = Jsoup.parse(trace.html).selectFirst("iframe")!!
        frame.attr("sandbox") shouldBe "allow-scripts"
        frame.attr("srcdoc") shouldBe trace.page
    }

    test("the host's script survives as it is written") {
        val script = Jsoup.parse(trace.html).selectFirst("script")!!.data()
        script shouldNotContain "&"
        script shouldContain "kausalHeight"
    }

    test("where frames, styles and scripts are removed, the image and the finding are left") {
        val kept = Safelist.relaxed().addProtocols("img", "src", "data").addAttributes("img", "src", "alt")
        val left = Jsoup.parse(Jsoup.clean(trace.html, "", kept))
        left.select("iframe, style, script").shouldBeEmpty()
        left.text() shouldStartWith "Figure 1. ${trace.title} ${trace.finding.take(20)}"
        left.selectFirst("img")!!.attr("src") shouldStartWith "data:image/svg+xml;base64,"
        left.text() shouldNotContain "kausal-still"
    }

    browsing("the frame is as high as its figure, works, and hides the still image") {
        open("<!DOCTYPE html><meta charset=utf-8><body>${trace.html}")
        val height = await(
            "const done = arguments[arguments.length - 1]; const frame = document.querySelector('iframe');" +
                "const wait = () => frame.style.height === '560px' ? setTimeout(wait, 20) : done(frame.clientHeight);" +
                "wait();",
        ) as Number
        height.toInt() shouldBeInRange 250..1200
        height.toInt() shouldBeGreaterThan 0
        run("return getComputedStyle(document.querySelector('.kausal-still')).display") shouldBe "none"
        console().shouldBeEmpty()
        requests().filterNot { it.startsWith("about:") }.shouldBeEmpty()
        open(trace.page)
        run("return document.documentElement.scrollWidth > innerWidth") shouldBe false
        run("return document.querySelectorAll('.live').length > 0") shouldBe true
        console().shouldBeEmpty()
    }

    browsing("the frame has the colours of the page around it") {
        for (ground in listOf("#111", "#fff", "#111")) {
            // The frame keeps its origin for this test alone, so that its colours can be read.
            val readable = trace.html.replace(
                "sandbox=\"allow-scripts\"",
                "sandbox=\"allow-scripts allow-same-origin\"",
            )
            open("<!DOCTYPE html><meta charset=utf-8><body style='background:$ground'><div>$readable</div>")
            val theme = await(
                "const done = arguments[arguments.length - 1]; const frame = document.querySelector('iframe');" +
                    "const theme = () => frame.contentDocument.documentElement.dataset.theme;" +
                    "const wait = (left) => theme() || left === 0 ? done(theme() ?? 'none')" +
                    " : setTimeout(wait, 20, left - 1);" +
                    "wait(200);",
            )
            theme shouldBe if (ground == "#111") "dark" else "light"
        }
    }
})
