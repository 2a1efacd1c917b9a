package dev.kausal.reports.browser

import dev.kausal.reports.Fixtures
import dev.kausal.reports.ImageFixtures
import dev.kausal.reports.page.ReportPage
import dev.kausal.reports.words.number
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain

private const val EXAMPLES = 4

/** Figures of [Fixtures]. */
private const val TRACE = "#figure-1"
private const val NEEDED = "#figure-2"
private const val SHARES = "#figure-3"
private const val LOOKS = "#figure-5"
private const val LENS = "#figure-6"

/** Cells of the outlined marks of a figure. */
private const val LINKED =
    "return [...document.querySelectorAll(arguments[0] + ' [data-c].linked')].map(m => Number(m.dataset.c))"

class LinkedViewsInBrowserTest : BrowserSpec({
    val page = ReportPage.render(Fixtures.bundle(EXAMPLES))
    val n = Fixtures.tokens.size

    fun Browser.linked(figure: String) = (run(LINKED, figure) as List<*>).map { (it as Long).toInt() }

    fun Browser.value(label: String) =
        run(
            "return [...document.querySelectorAll('.selection select')]" +
                ".find(s => s.parentNode.textContent.startsWith(arguments[0])).value",
            label,
        )

    fun Browser.hash() = run("return location.hash") as String

    fun Browser.frame() = await("requestAnimationFrame(() => requestAnimationFrame(() => arguments[0]()))")

    browsing("a click on a head shows its pattern, its share and its layer in the other figures") {
        open(page)
        click("$NEEDED [data-c='${10 * Fixtures.HEADS + 2}']")
        text("$LOOKS .head-name") shouldBe "layer 10, head 2"
        linked(SHARES) shouldContainExactly listOf(10 * Fixtures.HEADS + 2)
        linked(TRACE) shouldContainExactly List(n) { 10 * n + it }.sortedBy { it % n }
        value("Layer") shouldBe "10"
        value("Head") shouldBe "2"
        hash() shouldBe "#layer=10&head=2"
        console().shouldBeEmpty()
    }

    browsing("a head that is chosen in the attention figure is outlined in the ranking") {
        open(page)
        click("$LOOKS .heads [data-l='2'][data-h='3']")
        linked(NEEDED) shouldContainExactly listOf(14 * Fixtures.HEADS + 3)
        run("return document.querySelector('.selection button:last-child').hidden") shouldBe false
        click(".selection button:last-child")
        linked(NEEDED).shouldBeEmpty()
        hash() shouldBe ""
    }

    browsing("the address keeps the selection, and a damaged one selects nothing") {
        open(page)
        val example = Fixtures.patch(EXAMPLES).examples[1]
        run("location.hash = '#figure-5&example=' + encodeURIComponent(arguments[0]) + '&layer=18&head=4'", example)
        frame()
        text("$LOOKS .head-name") shouldBe "layer 18, head 4"
        text("$TRACE .shown") shouldBe example
        hover("$TRACE [data-c='126']")
        text(".tip") shouldContain number(Fixtures.patch(EXAMPLES).perExample[1][126])
        run("location.reload()")
        repeat(2) { frame() }
        text("$TRACE .shown") shouldBe example
        value("Head") shouldBe "4"
        frame()
        run("return Math.abs(document.querySelector('$LOOKS').getBoundingClientRect().top) < innerHeight") shouldBe true
        run("location.hash = '#nowhere&example=%E0%A4%A&layer=x&head=-1&position=3'")
        frame()
        text("$TRACE .shown") shouldBe "mean of $EXAMPLES examples"
        linked(NEEDED).shouldBeEmpty()
        console().shouldBeEmpty()
    }

    browsing("a token under the pointer is marked in every figure with its positions, and a click keeps it") {
        open(page)
        hover("$TRACE .strip .token:nth-child(7)")
        frame()
        linked(TRACE) shouldContainExactly List(Fixtures.LAYERS) { it * n + 6 }
        linked(LENS) shouldHaveSize Fixtures.LAYERS
        run("return [...document.querySelectorAll('$LOOKS .end.linked')].map(e => e.dataset.q ?? e.dataset.k)") shouldBe
            listOf("6", "6")
        hover("h1")
        frame()
        linked(TRACE).shouldBeEmpty()
        click("$TRACE .strip .token:nth-child(7)")
        hover("h1")
        frame()
        linked(TRACE) shouldHaveSize Fixtures.LAYERS
        hash() shouldContain "position=landmarks%3A6"
    }

    browsing("a link to a folded section opens it, and all figures are reached by the keyboard") {
        open(page)
        run("return document.getElementById('method').open") shouldBe false
        click("nav a[href='#method']")
        frame()
        run("return document.getElementById('method').open") shouldBe true
        run("document.querySelector('$NEEDED .card').focus()")
        press("ArrowRight")
        press("Enter")
        value("Layer") shouldNotBe ""
    }

    browsing("a figure of images shows the selected one") {
        open(ReportPage.render(ImageFixtures.bundle()))
        val shown = "return [...document.querySelectorAll('#figure-1 .example')].filter(e => e.checkVisibility())" +
            ".map(e => e.dataset.example)"
        run(shown) shouldBe listOf("0")
        select("Example", "photo 1.png")
        run(shown) shouldBe listOf("1")
        val all = "return [...new Set([...document.querySelectorAll('.example[data-example]')]" +
            ".filter(e => e.checkVisibility()).map(e => e.dataset.example))]"
        run(all) shouldBe listOf("1")
        console().shouldBeEmpty()
    }

    browsing("the answer, how sure it is and the key figure are on the first screen") {
        open(page, 1400)
        val bottom = "return document.querySelector(arguments[0]).getBoundingClientRect().bottom <= 900"
        run(bottom, ".findings") shouldBe true
        run("return document.querySelector('.opening article .card').getBoundingClientRect().top < 900") shouldBe true
        run("return [...document.querySelectorAll('.fold')].some(f => f.open)") shouldBe false
    }

    browsing("a script names the findings that open its page") {
        val bundle = Fixtures.bundle(EXAMPLES)
        open(ReportPage.render(bundle.copy(spec = bundle.spec.copy(findings = listOf("shares", "trace")))), 1400)
        run("return [...document.querySelectorAll('.findings a')].map(a => a.textContent)") shouldBe
            listOf("shares", "trace")
        run("return document.querySelector('.opening article').id") shouldBe "figure-3"
        run("return document.querySelectorAll('#figure-3').length") shouldBe 1L
    }
})
