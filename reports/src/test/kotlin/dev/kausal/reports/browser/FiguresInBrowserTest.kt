package dev.kausal.reports.browser

import dev.kausal.reports.Fixtures
import dev.kausal.reports.ImageFixtures
import dev.kausal.reports.page.ReportPage
import dev.kausal.reports.words.number
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.doubles.plusOrMinus
import io.kotest.matchers.doubles.shouldBeGreaterThan
import io.kotest.matchers.doubles.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain

/** Labels of the choices that a figure offers. */
private const val CHOICES =
    "return [...document.querySelectorAll(arguments[0] + ' label:has(select)')].map(l => l.firstChild.textContent.trim())"

/** Chooses an option of a figure's choice: figure, label, value. */
private const val CHOOSE =
    "const s = [...document.querySelectorAll(arguments[0] + ' select')]" +
        ".find(s => s.parentNode.textContent.startsWith(arguments[1]));" +
        "s.value = arguments[2]; s.dispatchEvent(new Event('change'));"

/** Texts of drawings that are cut off: beyond their drawing by more than a pixel. */
private const val CUT =
    "return [...document.querySelectorAll('.card svg text')].filter(t => { if (!t.checkVisibility()) return false;" +
        "const [a, b] = [t.getBoundingClientRect(), t.ownerSVGElement.getBoundingClientRect()];" +
        "return a.width > 0 && (a.left < b.left - 1 || a.right > b.right + 1 ||" +
        "a.top < b.top - 1 || a.bottom > b.bottom + 1); })" +
        ".map(t => t.textContent)"

/** Texts of one drawing that run into each other: upright ones, of more than a pixel. */
private const val OVERLAPPING =
    "const found = []; for (const svg of document.querySelectorAll('.card svg')) {" +
        "const all = [...svg.querySelectorAll('text:not([transform])')]" +
        ".filter(t => t.checkVisibility() && Math.abs(t.getScreenCTM().b) < 0.01)" +
        ".map(t => [t.textContent, t.getBoundingClientRect()]).filter(([, b]) => b.width);" +
        "all.forEach(([x, a], i) => all.slice(i + 1).forEach(([y, b]) => {" +
        "if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && " +
        "Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4) found.push(x + ' | ' + y); })); } return found"

/** How light the colour of a style is, 0 to 1: element, name of the style. */
private const val LIGHTNESS =
    "const c = getComputedStyle(document.querySelector(arguments[0]))[arguments[1]].match(/[\\d.]+/g).map(Number);" +
        "return (0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2]) / 255"

class FiguresInBrowserTest : BrowserSpec({
    val page = ReportPage.render(Fixtures.bundle(8))
    val texts = ReportPage.render(FigureFixtures.ofTexts())
    val signs = ReportPage.render(FigureFixtures.ofSigns())

    fun Browser.lightness(
        css: String,
        style: String,
    ) = (run(LIGHTNESS, css, style) as Number).toDouble()

    browsing("of texts that differ, a reader chooses text, layer and head, and sees its own tokens") {
        open(texts)
        run(CHOICES, "#figure-1") shouldBe listOf("Text", "Layer", "Head")
        run(CHOICES, "#figure-2") shouldBe listOf("Text", "Layer")
        click("#figure-1 .text:not([hidden]) .heads [data-l='1'][data-h='2']")
        text("#figure-1 .text:not([hidden]) .head-name") shouldBe "layer 1, head 2"
        run(CHOOSE, "#figure-1", "Text", "1")
        text("#figure-1 .text:not([hidden]) .of strong") shouldBe "W d e f g"
        text("#figure-1 .text:not([hidden]) .head-name") shouldBe "layer 1, head 2"
        hover("#figure-1 .text:not([hidden]) .matrix [data-c='${4 * 5 + 2}']")
        text(".tip") shouldContain "4 (g) \u2192 2 (e)"
        text(".tip") shouldContain number(FigureFixtures.weight(1, 2, 4, 2))
        run(CHOOSE, "#figure-2", "Layer", "0")
        hover("#figure-2 .text:not([hidden]) .matrix [data-c='0']")
        text(".tip") shouldContain "layer 0, mean over heads"
        console().shouldBeEmpty()
    }

    browsing("no word of a drawing is cut off or runs into another") {
        for (html in listOf(page, texts, signs, ReportPage.render(ImageFixtures.bundle()))) {
            open(html)
            (run(CUT) as List<*>).shouldBeEmpty()
            (run(OVERLAPPING) as List<*>).shouldBeEmpty()
        }
    }

    browsing("a few short labels are not turned") {
        open(signs)
        run("return document.querySelectorAll('.card text[transform*=\"rotate(-45\"]').length") shouldBe 0L
        run("return document.querySelectorAll('#figure-1 [transform*=\"rotate\"]').length") shouldBe 1L
    }

    browsing("no effect is dark on a dark page and light on a light one; what is saved is light") {
        val neutral = "#figure-1 rect[data-d='50']"
        for (dark in listOf(true, false)) {
            open(page, dark = dark)
            val least = if (dark) 0.0 else 0.9
            lightness(neutral, "fill") shouldBeGreaterThan least
            lightness(neutral, "fill") shouldBeLessThan if (dark) 0.2 else 1.01
            lightness(".g2", "stopColor") shouldBeLessThan if (dark) 0.2 else 1.01
            lightness("#figure-6 .p0", "backgroundColor") shouldBeLessThan if (dark) 0.2 else 1.01
            lightness("#figure-1 rect[data-d='100']", "fill").let {
                if (dark) it shouldBeGreaterThan 0.6 else it shouldBeLessThan 0.5
            }
        }
        open(page, dark = true)
        options("#figure-1")
        click("#figure-1 .saves button:nth-child(1)")
        val svg = download("figure-1-trace.svg").decodeToString()
        svg shouldContain "fill=\"#f7f7f7\""
        svg shouldContain "stop-color=\"#f7f7f7\""
        svg shouldNotContain "#272c34"
    }

    browsing("a map of changes has the colours of its theme") {
        val shown = "return [...document.querySelectorAll('#figure-3 .example:not([hidden]) .in-dark')]" +
            ".every(i => i.checkVisibility())"
        for (dark in listOf(true, false)) {
            open(ReportPage.render(ImageFixtures.bundle()), dark = dark)
            run(shown) shouldBe dark
            run(shown.replace("in-dark", "in-light")) shouldBe !dark
        }
    }

    browsing("captured vectors are drawn as their norms, which answer no pointer") {
        open(ReportPage.render(FigureFixtures.ofVectors()))
        val middles = "return [...document.querySelectorAll('#figure-1 circle')].map(c => c.getBoundingClientRect())" +
            ".map(b => (b.top + b.bottom) / 2)"
        // The norms are 1, 2 and 3 times the square root of the vectors' length.
        val (one, two, three) = (run(middles) as List<*>).map { (it as Number).toDouble() }
        (one - two) shouldBeGreaterThan 10.0
        (two - three) shouldBe ((one - two) plusOrMinus 1.0)
        text("#figure-1 figcaption") shouldContain "the norm over the ${FigureFixtures.VECTOR} places of d_model"
        hover("#figure-1 circle")
        run("return document.querySelector('.tip')?.checkVisibility() ?? false") shouldBe false
        console().shouldBeEmpty()
    }

    browsing("drawings of images are labelled with their own image") {
        open(ReportPage.render(ImageFixtures.bundle()))
        val labels = "return [...document.querySelectorAll('#figure-1 .example')]" +
            ".map(e => [e.querySelector('.of').textContent, " +
            "...[...e.querySelectorAll('[aria-label]')].map(s => s.getAttribute('aria-label'))" +
            ".map(l => l.match(/photo \\d.png/)?.[0]).filter(n => n)])"
        val found = (run(labels) as List<*>).map { (it as List<*>).distinct() }
        found shouldBe listOf(listOf("photo 0.png"), listOf("photo 1.png"))
    }

    browsing("bars in pairs show the example that a reader chooses, from 0 to either side") {
        open(ReportPage.render(FigureFixtures.ofPairs()))
        val pairs = "#figure-1"

        val side = "return document.querySelector(arguments[0]).getBoundingClientRect()[arguments[1]]"

        fun edge(
            cell: Int,
            name: String,
        ) = (run(side, "$pairs [data-c='$cell'] .bar", name) as Number).toDouble()
        hover("$pairs [data-c='1'] .bar")
        text(".tip") shouldContain number(0.5)
        text(".tip") shouldContain "rival"
        select("Example", FigureFixtures.ofPairs().results.results.first().examples[1])
        text("$pairs [data-c='0'] .value") shouldBe "+3.000"
        text("$pairs [data-c='1'] .value") shouldBe "\u22121.000"
        edge(1, "right") shouldBe (edge(0, "left") plusOrMinus 0.5)
        edge(0, "width") shouldBe (3 * edge(1, "width") plusOrMinus 1.0)
        hover("$pairs [data-c='1'] .bar")
        text(".tip") shouldContain "\u22121.000"
        select("Example", "")
        text("$pairs [data-c='1'] .value") shouldBe "+0.500"
        console().shouldBeEmpty()
    }

    browsing("on a phone a wide figure says that it scrolls, and starts at its finding with legend and labels") {
        open(page, 390)
        text("#figure-1 .cue") shouldContain "scroll sideways"
        val inside =
            "const [a, b] = [document.querySelector(arguments[0]), document.querySelector('#figure-1 .card')]" +
                ".map(e => e.getBoundingClientRect()); return a.left >= b.left - 1 && a.right <= b.right + 1"
        for (part in listOf("[data-finding]", ".legend", ".pinned svg")) run(inside, "#figure-1 $part") shouldBe true
        run("return getComputedStyle(document.querySelector('#figure-1 .card')).maskImage") shouldNotBe "none"
        val lens = inside.replace("#figure-1 .card", "#figure-6 .scroll")
        run(lens, "#figure-6 [data-finding]") shouldBe true
        open(page, 1280)
        run("return [...document.querySelectorAll('.cue')].filter(c => !c.hidden).map(c => c.parentNode.id)") shouldBe
            emptyList<String>()
    }

    browsing("heads on a phone are no larger than they were drawn, and all in view") {
        open(texts, 390)
        run(
            "const h = document.querySelector('#figure-1 .heads'); const [a, b] = [h, h.closest('.card')]" +
                ".map(e => e.getBoundingClientRect());" +
                "return a.right <= b.right && a.width <= Number(h.getAttribute('width')) + 0.1",
        ) shouldBe true
    }

    browsing("a token stays in one piece, and columns of a table keep apart") {
        open(page, 390)
        val broken = "return [...document.querySelectorAll('.prompt .token')]" +
            ".filter(t => t.getClientRects().length > 1).length"
        run(broken) shouldBe 0L
        val close = "return [...document.querySelectorAll('table:not(.lens) td + td')].filter(td => {" +
            "const range = document.createRange(); range.selectNodeContents(td.previousElementSibling);" +
            "return td.getBoundingClientRect().left - range.getBoundingClientRect().right < 6; }).length"
        open(ReportPage.render(ImageFixtures.bundle()), 390)
        run(close) shouldBe 0L
    }

    browsing("a page has one minus sign, a table of values the plain one") {
        open(signs)
        val said = run(
            "return [...document.querySelectorAll('main section:not(#again):not(#prompts)')].map(s => s.textContent)" +
                ".join(' ') + [...document.querySelectorAll('.card text')].map(t => t.textContent).join(' ')",
        ) as String
        Regex("""(?<![\p{L}\d)-])-\.?\d|\de-\d""").findAll(said).map { it.value }.toList().shouldBeEmpty()
        said shouldContain "\u22122.0"
        said shouldContain "2.7e\u221207"
        options("#figure-2")
        click("#figure-2 .saves button:nth-child(3)")
        download("figure-2-both.csv").decodeToString() shouldContain "-2.0,-5.5"
    }
})
