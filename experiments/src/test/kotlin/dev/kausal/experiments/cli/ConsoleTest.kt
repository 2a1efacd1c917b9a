package dev.kausal.experiments.cli

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldEndWith
import io.kotest.matchers.string.shouldStartWith

/** What files and hubs say reaches a terminal as text, and not as commands to it. */
class ConsoleTest :
    FunSpec({
        val out = StringBuilder()
        val err = StringBuilder()
        val console = Console(out, err)

        fun said(line: String): String {
            err.clear()
            console.complain(line)
            return err.toString()
        }

        test("controls and changes of direction are shown as their codes; lines, tabs and other letters stay") {
            said("a\u001b]0;title\u0007b\u001b[2J") shouldBe "a\\u001b]0;title\\u0007b\\u001b[2J\n"
            said("\u202eabc\u2069 \u009b2J \u0000\r\u007f") shouldBe
                "\\u202eabc\\u2069 \\u009b2J \\u0000\\u000d\\u007f\n"
            said("\tä 日本 😀\nline") shouldBe "\tä 日本 😀\nline\n"
            out.clear()
            console.say("\u001b[31mred")
            out.toString() shouldBe "\\u001b[31mred\n"
        }

        test("of a long message, the ends of its lines and of itself are shown") {
            val long = said("Cannot read " + "x".repeat(100_000) + ". Fetch it again.")
            long.length shouldBeLessThan 5000
            long shouldStartWith "Cannot read xxx"
            long shouldContain "characters ...]"
            long shouldEndWith ". Fetch it again.\n"
            val lines = said(List(100_000) { "line $it" }.joinToString("\n")).trimEnd().lines()
            lines.size shouldBe 401
            lines.first() shouldBe "line 0"
            lines.last() shouldBe "line 99999"
        }
    })
