package dev.kausal.reports

import dev.kausal.reports.page.ReportPage
import dev.kausal.reports.page.scriptHead
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

class ScriptHeadTest : FunSpec({
    test("the comment at the top is read as paragraphs, its commands left out") {
        val script = "// Where is\n// it?\n//\n//     ./kausal run it\n//\n// By patching.\nexperiment { }\n// not this"
        scriptHead(script) shouldBe listOf("Where is it?", "By patching.")
        scriptHead("experiment { }\n// not this") shouldBe emptyList()
    }

    test("the page starts with the script's question, as text") {
        val page = ReportPage.render(Fixtures.bundle().copy(script = "// Is <b>it</b> so?\n"))
        page shouldContain "<p class=\"question\">Is &lt;b&gt;it&lt;/b&gt; so?</p>"
    }
})
