package dev.kausal.experiments.cli

import dev.kausal.experiments.FakeWorkbench
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.io.IOException
import java.nio.file.Path
import kotlin.io.path.writeText

/** What terminals and programs that read them are shown. */
class TerminalTest :
    FunSpec({
        val folder = tempdir().toPath()
        val script = folder.resolve("probe.kausal.kts").also { it.writeText("\"probe\"\n") }.toString()
        val out = StringBuilder()
        val err = StringBuilder()

        fun kausal(vararg words: String, opener: PageOpener = PageOpener(emptyMap()) { throw IOException() }): Int {
            out.clear()
            err.clear()
            val console = Console(out, err)
            val session =
                Session(FakeWorkbench(), console, folder, words.toList(), onTerminal = false, opener = opener)
            return CommandLine(session).run(words.toList())
        }

        fun events(): List<JsonObject> = err.lines().filter {
            it.isNotEmpty()
        }.map { Json.parseToJsonElement(it).jsonObject }

        fun JsonObject.text(name: String): String? = get(name)?.jsonPrimitive?.content

        test("--quiet shows warnings only") {
            kausal("run", script, "--quiet") shouldBe 0
            err.toString() shouldBe "pulled tiny\n"
            out.toString() shouldContain "bundle  runs/fake"
        }

        test("--json: every line of the error stream is an object") {
            kausal("run", script, "--json") shouldBe 0
            events().map { it.text("event") } shouldContainExactly listOf("message", "begin", "end")
            events()[1].text("stage") shouldBe "sweep trace"
            events()[1].text("total") shouldBe "3"
            events()[2].text("note") shouldBe "1 skipped"
            out.toString() shouldContain "bundle  runs/fake"
        }

        test("--json: a mistake is an object too") {
            kausal("run", "nowhere.kausal.kts", "--json") shouldBe 2
            events().single().text("text").orEmpty() shouldContain "nowhere.kausal.kts"
        }

        test("progress within a stage is at most once a second") {
            var now = 0L
            val console = Console(out.also { it.clear() }, err.also { it.clear() })
            val progress = JsonProgress(console) { now }
            progress.begin("sweep", 10, "cells")
            repeat(10) {
                now += 300_000_000
                progress.advance(1)
            }
            progress.end("")
            val told = events().filter { it.text("event") == "progress" }.map { it.text("done") }
            told shouldContainExactly listOf("4", "8")
        }

        test("--open starts the user's browser on the page") {
            val started = mutableListOf<List<String>>()
            val opener = PageOpener(mapOf("BROWSER" to "missing:firefox --new-tab")) { words ->
                if (words.first() == "missing") throw IOException()
                started += words
            }
            kausal("run", script, "--open", opener = opener) shouldBe 0
            started.single().take(2) shouldContainExactly listOf("firefox", "--new-tab")
            started.single().last() shouldBe Path.of("runs/fake/report.html").toAbsolutePath().toUri().toString()
        }

        test("--open without a browser says what to do, and the run has not failed") {
            kausal("run", script, "--open") shouldBe 0
            err.toString() shouldContain "set BROWSER, or open it yourself"
        }

        test("--version says what runs") {
            kausal("--version") shouldBe 0
            out.lines().first() shouldContain "kausal "
            out.toString() shouldContain "PyTorch 2."
            out.lines().map { it.substringBefore(' ') } shouldContain "processor"
        }

        listOf("bash", "zsh", "fish").forEach { shell ->
            test("completion for $shell knows commands and options") {
                kausal("generate-completion", shell) shouldBe 0
                out.toString() shouldContain "verify"
                out.toString() shouldContain "memory"
            }
        }
    })
