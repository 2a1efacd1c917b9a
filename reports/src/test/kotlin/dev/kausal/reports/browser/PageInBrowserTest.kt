package dev.kausal.reports.browser

import dev.kausal.reports.Fixtures
import dev.kausal.reports.HOSTILE
import dev.kausal.reports.ImageFixtures
import dev.kausal.reports.page.ReportPage
import dev.kausal.reports.words.at
import dev.kausal.reports.words.number
import dev.kausal.reports.words.run
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.string.shouldStartWith

private const val EXAMPLES = 8

/** Figures of [Fixtures]: what each is. */
private const val TRACE = "#figure-1"
private const val SHARES = "#figure-3"
private const val LINES = "#figure-4"
private const val LOOKS = "#figure-5"
private const val LENS = "#figure-6"

/** Chooses an option of a figure's choice: figure, label, value. */
private const val CHOOSE =
    "const s = [...document.querySelectorAll(arguments[0] + ' select')]" +
        ".find(s => s.parentNode.textContent.startsWith(arguments[1]));" +
        "s.value = arguments[2]; s.dispatchEvent(new Event('change'));"

/** Types into a figure's field or moves its slider: field, value. */
private const val TYPE =
    "const f = document.querySelector(arguments[0]); f.value = arguments[1]; f.dispatchEvent(new Event('input'));"

/** The texts of all elements that a selector finds. */
private const val TEXTS = "[...document.querySelectorAll(arguments[0])].map(e => e.textContent)"

class PageInBrowserTest : BrowserSpec({
    val page = ReportPage.render(Fixtures.bundle(EXAMPLES))

    fun Browser.tip() = text(".tip")

    browsing("nothing is said on the console and nothing is asked of a network") {
        open(page)
        hover("$TRACE [data-c='6']")
        console().shouldBeEmpty()
        requests().shouldBeEmpty()
    }

    browsing("a page of images is as quiet, and tells a patch's value") {
        open(ReportPage.render(ImageFixtures.bundle()))
        hover("svg[data-values]")
        tip() shouldContain "row 3, column 3"
        console().shouldBeEmpty()
        requests().shouldBeEmpty()
        Axe.findings(this).filter { it.serious }.shouldBeEmpty()
    }

    browsing("the policy stops a script, a style and a picture that got in") {
        open(page)
        run(
            "const s = document.createElement('script'); s.textContent = 'window.got = 1'; document.body.append(s);" +
                "const i = new Image(); i.src = 'http://127.0.0.1:9/x.png'; document.body.append(i);" +
                "document.body.insertAdjacentHTML('beforeend', '<p id=\"styled\" style=\"color:rgb(1,2,3)\">x</p>');",
        )
        run("return window.got ?? null") shouldBe null
        run("return getComputedStyle(document.getElementById('styled')).color") shouldNotBe "rgb(1, 2, 3)"
        console().filter { "Content Security Policy" in it } shouldHaveSize 3
    }

    browsing("a token that is markup stays text") {
        val words = Fixtures.tokens.mapIndexed { i, token -> if (i == 6) HOSTILE else token }
        open(ReportPage.render(Fixtures.bundle(2, words)))
        run("return document.querySelectorAll('img').length") shouldBe 0L
        hover("$TRACE [data-c='6']")
        tip() shouldContain "position 6 ($HOSTILE)"
        click("$TRACE [data-c='6']")
        text("$TRACE .examples h4") shouldContain HOSTILE
        console().shouldBeEmpty()
    }

    browsing("a cell says its place, value and certainty") {
        open(page)
        val trace = Fixtures.patch(EXAMPLES)
        hover("$TRACE [data-c='126']")
        tip() shouldContain "layer 12, position 6 (Tower)"
        tip() shouldContain "recovered logit difference: ${number(trace.mean[126])}"
        tip() shouldContain "mean of $EXAMPLES examples"
        hover("$TRACE [data-c='120']")
        tip() shouldContain "not computed"
        val shares = Fixtures.attribution(EXAMPLES)
        val best = 18 * Fixtures.HEADS + 4
        hover("$SHARES [data-c='$best'] .bar")
        tip() shouldContain "L18H4"
        tip() shouldContain "interval: ${number(shares.ciLow[best])} to ${number(shares.ciHigh[best])}"
        hover("$LINES circle[data-c='3']")
        tip() shouldContain "layer 3"
        tip() shouldContain number(Fixtures.perLayer(EXAMPLES).mean[3])
        hover("$LENS [data-c='229']")
        tip() shouldContain "Paris"
        tip() shouldContain "Rome  1.0 %"
    }

    browsing("the keyboard reaches cells and their examples") {
        open(page)
        run("document.querySelector('$TRACE .card').focus()")
        listOf("ArrowRight", "ArrowRight", "ArrowDown").forEach { press(it) }
        text("[role=status]") shouldContain "layer 1, position 1 (capital)"
        press("Enter")
        run("return document.querySelectorAll('$TRACE .examples tbody tr').length") shouldBe EXAMPLES.toLong()
    }

    browsing("a click on a cell lists its examples, the highest first") {
        open(page)
        click("$TRACE [data-c='126']")
        val shown = run("return $TEXTS", "$TRACE .examples tbody .number:nth-child(2)")
        shown shouldBe Fixtures.patch(EXAMPLES).perExample.map { it[126]!! }.sortedDescending().map { number(it) }
        text("$TRACE .examples h4") shouldBe "layer 12, position 6 (Tower)"
    }

    browsing("an example takes the place of the mean, and the mean comes back in the same colours") {
        open(page)
        val cells = "[...document.querySelectorAll('$TRACE .cells rect')]"
        val fills = "return $cells.map(r => r.getAttribute('fill')).join()"
        val before = run(fills)
        select("Example", Fixtures.patch(EXAMPLES).examples[0])
        run(fills) shouldNotBe before
        hover("$TRACE [data-c='126']")
        tip() shouldContain number(Fixtures.patch(EXAMPLES).perExample[0][126])
        select("Example", "")
        run(fills) shouldBe before
    }

    browsing("the range moves the colours and their legend") {
        open(page)
        run(TYPE, "$TRACE input[type=range]", "1")
        await("requestAnimationFrame(() => requestAnimationFrame(() => arguments[0]()))")
        run("return document.querySelector('$TRACE [data-tick=high]').textContent") shouldBe number(1.98, 2)
        text("$TRACE output") shouldBe "\u00b11.98"
    }

    browsing("bars are sorted and filtered") {
        open(page)
        val names = "return [...document.querySelectorAll('$SHARES g[data-c]')]" +
            ".filter(g => g.getAttribute('display') !== 'none')" +
            ".sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)" +
            ".map(g => g.querySelector('text').textContent)"
        val shares = Fixtures.attribution(EXAMPLES)

        fun best(of: List<Int>) = of.sortedByDescending { kotlin.math.abs(shares.mean[it]!!) }.take(20)
        val labels = shares.axes.single().labels
        run(names) shouldBe best(labels.indices.toList()).map { labels[it] }
        run(CHOOSE, SHARES, "Sort by", "place")
        run(names) shouldBe best(labels.indices.toList()).sorted().map { labels[it] }
        run(CHOOSE, SHARES, "Sort by", "value")
        run(TYPE, "$SHARES input", "3-4, 18")
        val ours = labels.indices.filter { at -> listOf("L3H", "L4H", "L18H").any { labels[at].startsWith(it) } }
        run(names) shouldBe best(ours).sortedByDescending { shares.mean[it]!! }.map { labels[it] }
        run(TYPE, "$SHARES input", "x")
        run("return document.querySelector('$SHARES input').getAttribute('aria-invalid')") shouldBe "true"
    }

    browsing("a head of the grid is shown large, and a token is followed") {
        open(page)
        click("$LOOKS .heads [data-l='1'][data-h='2']")
        text("$LOOKS .head-name") shouldBe "layer 10, head 2"
        val axes = Fixtures.attention(Fixtures.tokens)
        val n = Fixtures.tokens.size
        val weight = axes.mean[((1 * Fixtures.HEADS + 2) * n + 9) * n + 3]!!
        hover("$LOOKS .matrix [data-c='${9 * n + 3}']")
        tip() shouldContain "9 (is) \u2192 3 (the)"
        tip() shouldContain number(weight)
        val line = "document.querySelector('$LOOKS path[data-q=\"9\"][data-k=\"3\"]')"
        run("return Number($line.getAttribute('stroke-opacity')).toFixed(2)") shouldBe
            "%.2f".format(java.util.Locale.ROOT, weight)
        hover("$LOOKS .end[data-q='4'] text")
        run("return document.querySelectorAll('$LOOKS .look path:not(.faded)').length") shouldBe 5L
    }

    browsing("figures are saved as SVG, PNG and CSV") {
        open(page)
        options(TRACE)
        click("$TRACE .saves button:nth-child(1)")
        val svg = download("figure-1-trace.svg").decodeToString()
        svg shouldStartWith "<svg"
        svg shouldContain "Tower"
        javax.xml.parsers.DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(svg.byteInputStream())
        options(TRACE)
        click("$TRACE .saves button:nth-child(2)")
        val image = javax.imageio.ImageIO.read(download("figure-1-trace.png").inputStream())
        image.width shouldBeGreaterThan 800
        options(TRACE)
        click("$TRACE .saves button:nth-child(3)")
        val lines = download("figure-1-trace.csv").decodeToString().trimEnd().lines()
        lines.first() shouldStartWith "layer,position,mean,"
        lines shouldHaveSize 1 + Fixtures.LAYERS * Fixtures.tokens.size
        lines[127] shouldStartWith "12, Tower,0.99,"
        console().shouldBeEmpty()
    }

    browsing("cells of a CSV that a spreadsheet would compute are text, and numbers stay numbers") {
        val formulas = listOf("=HYPERLINK(1)", "+cmd", "-x", "@SUM", "\t=1", " =1", "-1+1")
        val numbers = listOf("-1", "+2.5", "-5e-3")
        open(ReportPage.render(Fixtures.bundle(2, formulas + numbers)))
        options(TRACE)
        click("$TRACE .saves button:nth-child(3)")
        val cells = download("figure-1-trace.csv").decodeToString().lines().drop(1).take(10).map { it.split(',')[1] }
        cells shouldBe formulas.map { "'$it" } + numbers
    }

    browsing("the system's dark colours are taken, and the reader's choice wins") {
        val ground = "return getComputedStyle(document.body).backgroundColor"
        open(page, dark = true)
        run(ground) shouldBe "rgb(21, 23, 27)"
        click("#tools > button")
        click("#tools > button")
        text("#tools > button") shouldBe "Colours: light"
        run(ground) shouldBe "rgb(255, 255, 255)"
        run("localStorage.clear()")
    }

    browsing("nothing sticks out, on a phone or a wide screen") {
        for (width in listOf(360, 768, 1600)) {
            open(page, width)
            run("return document.documentElement.scrollWidth") shouldBe width.toLong()
        }
        run("return Math.round(document.querySelector('$TRACE').getBoundingClientRect().width)")
            .let { (it as Long).toInt() } shouldBeGreaterThan 1100
    }

    browsing("ten thousand cells stay smooth") {
        open(ReportPage.render(LargeFixture.bundle()))
        run("return document.querySelectorAll('#figure-1 [data-c]').length") shouldBe 10_000L
        val moves = await(LargeFixture.MOVES) as List<*>
        val slides = await(LargeFixture.SLIDES) as List<*>
        val (under, sliding) = LargeFixture.times(moves) to LargeFixture.times(slides)
        println("10,000 cells: $under a frame under the pointer, $sliding while the range moves")
        text("#figure-1 [data-tick=high]") shouldNotBe "1.00"
    }

    browsing("a hundred thousand cells of fifty examples are drawn in blocks that name their strongest cell") {
        val html = ReportPage.render(LargeFixture.bundle(50, side = 320))
        html.length shouldBeLessThan 3_000_000
        open(html)
        val cells = run(
            "return [...document.querySelectorAll('#figure-1 [data-c]')].map(c => Number(c.dataset.c))",
        ) as List<*>
        cells.size shouldBeLessThan 12_001
        cells.size shouldBeGreaterThan 6_000
        val cell = (cells[cells.size / 2] as Long).toInt()
        hover("#figure-1 [data-c='$cell']")
        tip() shouldContain "layer ${cell / 320}, position ${cell % 320}"
        tip() shouldContain number(kotlin.math.sin(cell / 700.0))
        text("#figure-1 figcaption") shouldContain "Each square shows the value furthest from neutral of"
        val moves = await(LargeFixture.MOVES) as List<*>
        val slides = await(LargeFixture.SLIDES) as List<*>
        println(
            "102,400 cells: ${html.length / 1000} kB; ${LargeFixture.times(moves)} a frame under the pointer, " +
                "${LargeFixture.times(slides)} while the range moves",
        )
        console().shouldBeEmpty()
    }

    browsing("axe finds nothing, with all folded parts open") {
        for ((dark, width) in listOf(false to 1280, true to 1280, false to 360)) {
            open(page, width, dark)
            click("$TRACE [data-c='126']")
            run("document.querySelectorAll('details:not(.options)').forEach(d => { d.open = true; })")
            Axe.findings(this).shouldBeEmpty()
        }
    }

    test("a full study stays small") {
        val page = ReportPage.render(LargeFixture.bundle(examples = 180))
        println("A page of 10,000 cells over 180 examples: ${page.length / 1000} kB")
        page.length shouldBeLessThan 5_000_000
        page shouldNotContain "style=\""
    }
})
