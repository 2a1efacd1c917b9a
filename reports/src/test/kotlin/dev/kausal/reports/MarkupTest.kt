package dev.kausal.reports

import dev.kausal.reports.svg.Markup
import dev.kausal.reports.svg.markup
import dev.kausal.reports.svg.plotText
import dev.kausal.reports.svg.svgOf
import dev.kausal.reports.svg.tag
import dev.kausal.reports.svg.text
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import org.jetbrains.letsPlot.geom.geomPoint
import org.jetbrains.letsPlot.letsPlot
import org.jetbrains.letsPlot.scale.scaleXContinuous
import org.jsoup.Jsoup

private const val INJECTED = "'\"><script>x</script><!-- & \u0000\u001b"

class MarkupTest :
    FunSpec({
        test("text and values of attributes are escaped") {
            val made = tag("g", "aria-label" to INJECTED, "data-c" to 3) { text(INJECTED) + tag("path", "d" to "M0 0") }
            val element = Jsoup.parseBodyFragment("<svg>$made</svg>").selectFirst("g")!!
            val shown = INJECTED.replace('\u0000', '\ufffd').replace('\u001b', '\ufffd')
            element.attributes().map { it.key } shouldBe listOf("aria-label", "data-c")
            element.attr("aria-label") shouldBe shown
            element.ownText() shouldBe shown
            element.children().map { it.tagName() } shouldBe listOf("path")
        }

        test("an attribute without a value is left out, and one with an empty value is not") {
            "${tag("rect", "class" to null, "data-finding" to "")}" shouldBe "<rect data-finding=\"\"/>"
        }

        test("names of elements and attributes are names") {
            shouldThrow<IllegalArgumentException> { tag("g onload") }
            shouldThrow<IllegalArgumentException> { tag("g", "a=\"\" b" to 1) }
        }

        test("parts stand one after the other") {
            "${listOf(1, 2).markup { text("$it") } + Markup.NONE}" shouldBe "12"
        }

        test("labels of a plot stay text, whatever characters they have") {
            val label = plotText("<a href=\"x\">\\(y\\) -1 $INJECTED \ud800 \uffff")
            val plot = letsPlot() + geomPoint(data = mapOf("x" to listOf(0, 1), "y" to listOf(-1.5, 2.0))) {
                x = "x"
                y = "y"
            } + scaleXContinuous(name = label)
            val made = "${svgOf(plot, "p", INJECTED, listOf(7, 8))}"
            val page = Jsoup.parseBodyFragment(made)
            page.select("a, script, style").size shouldBe 0
            page.wholeText() shouldContain "<a href=\"x\">\\(y\\) -1 '\"><script>"
            page.wholeText() shouldContain "\u22121"
            page.select("circle[data-c]").map { it.attr("data-c") } shouldBe listOf("7", "8")
            page.select("[id]").all { it.id().startsWith("p-") } shouldBe true
            made shouldNotContain "\ue000"
        }
    })
