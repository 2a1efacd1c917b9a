package dev.kausal.reports.browser

import dev.kausal.reports.GraphFixtures
import dev.kausal.reports.page.ReportPage
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

/** The graph of a circuit. */
private const val GRAPH = "#figure-1"

/** Names of the shown edges, and of those that do not step back. */
private const val SHOWN =
    "const all = [...document.querySelectorAll('$GRAPH svg.graph:not([display=none]) [data-e]:not([display=none])')];" +
        "return all.filter(e => !arguments[0] || !e.hasAttribute('opacity')).map(e => e.dataset.name);"

class GraphInBrowserTest : BrowserSpec({
    val page = ReportPage.render(GraphFixtures.bundle())

    fun Browser.shown() = run(SHOWN, false) as List<*>

    fun Browser.lit() = run(SHOWN, true) as List<*>

    fun Browser.show(edges: Int) {
        run(
            "const s = document.querySelector('$GRAPH .tools input[type=range]'); s.value = arguments[0];" +
                "s.dispatchEvent(new Event('input'));",
            edges,
        )
    }

    fun node(name: String) = "$GRAPH svg.graph:not([display=none]) [data-n='$name'] rect"

    browsing("the reader chooses how many edges are shown; components without edges go") {
        open(page)
        shown() shouldBe GraphFixtures.effects.keys.take(4)
        val graphs = "[...document.querySelectorAll('$GRAPH svg.graph')]"
        run("return $graphs.filter(g => g.checkVisibility()).length") shouldBe 1L
        text("$GRAPH .tools output") shouldBe "4 of 479 (475 hidden); faithfulness 0.900"
        show(2)
        shown() shouldBe GraphFixtures.effects.keys.take(2)
        text("$GRAPH .tools output") shouldBe "2 of 479 (477 hidden)"
        run(
            "return [...document.querySelectorAll('$GRAPH svg.graph:not([display=none]) [data-n]')]" +
                ".filter(n => n.getAttribute('display') !== 'none').map(n => n.dataset.n)",
        ) as List<*> shouldContainExactlyInAnyOrder listOf("logits", "L2H0", "L1H2")
        show(6)
        shown() shouldBe GraphFixtures.effects.keys.toList()
        console().shouldBeEmpty()
        requests().shouldBeEmpty()
    }

    browsing("pointing at a component shows all paths through it, through shared keys and values too") {
        open(page)
        show(6)
        hover(node("L1H2"))
        text(".tip") shouldContain "L1H2"
        text(".tip") shouldContain "1 edge out: \u22123.000 in all"
        lit() shouldContainExactlyInAnyOrder
            listOf("L2H0 -> logits", "L1H2 -> L2.q0", "L0H1 -> L1.v0", "embed -> L0.q1")
        click(node("L1H3"))
        hover("h1")
        lit() shouldContainExactlyInAnyOrder listOf("L1H3 -> logits", "embed -> L1.k1")
        click(node("L1H3"))
        hover("h1")
        lit() shouldBe shown()
        console().shouldBeEmpty()
    }

    browsing("pointing at an edge tells its ends, effect, interval and rank") {
        open(page)
        run(
            "const e = document.querySelector('$GRAPH svg.graph:not([display=none]) [data-e=\"1\"] .reach');" +
                "const b = e.getBoundingClientRect(); e.dispatchEvent(new PointerEvent('pointermove', " +
                "{ bubbles: true, clientX: b.x, clientY: b.y }));",
        )
        text(".tip") shouldContain "L2H0 \u2192 logits"
        text(".tip") shouldContain "effect: \u22124.000"
        text(".tip") shouldContain "interval: \u22124.100 to \u22123.900"
        text(".tip") shouldContain "rank 1 of 479"
    }

    browsing("the keyboard goes from component to component, keeps paths and lets them go") {
        open(page)
        run("document.querySelector('$GRAPH .card').focus()")
        press("ArrowDown")
        text("[role=status]") shouldContain "logits"
        press("ArrowDown")
        text("[role=status]") shouldContain "L2H0"
        press("Enter")
        run("document.querySelector('$GRAPH .card').blur()")
        lit() shouldBe shown()
        show(6)
        lit() shouldContainExactlyInAnyOrder GraphFixtures.effects.keys.take(4)
        run("document.querySelector('$GRAPH .card').focus()")
        press("Escape")
        lit() shouldBe shown()
        console().shouldBeEmpty()
    }

    browsing("what is shown is saved, as a drawing and as JSON") {
        open(page)
        show(2)
        options(GRAPH)
        click("$GRAPH .saves button:nth-child(4)")
        val saved = Json.parseToJsonElement(download("figure-1-circuit.json").decodeToString()).jsonObject
        saved.getValue("of").jsonPrimitive.int shouldBe 479
        val edges = saved.getValue("edges").jsonArray.map { it.jsonObject }
        edges.map { it.getValue("edge").jsonPrimitive.content } shouldBe GraphFixtures.effects.keys.take(2)
        edges.map { it.getValue("effect").jsonPrimitive.content.toDouble() } shouldBe listOf(-4.0, -3.0)
        options(GRAPH)
        click("$GRAPH .saves button:nth-child(1)")
        val drawing = download("figure-1-circuit.svg").decodeToString()
        drawing shouldContain "L2H0 -&gt; logits"
        drawing shouldNotContain "L0H1"
        drawing shouldNotContain "reach"
    }

    browsing("on a phone the page does not scroll sideways, the graph does; and nothing is wrong for screen readers") {
        open(ReportPage.render(GraphFixtures.bundle(GraphFixtures.many(100))), width = 390)
        show(100)
        run("return document.documentElement.scrollWidth") shouldBe 390L
        run("const c = document.querySelector('$GRAPH .card'); return c.scrollWidth > c.clientWidth") shouldBe true
        console().shouldBeEmpty()
        Axe.findings(this).filter { it.serious }.shouldBeEmpty()
    }
})
