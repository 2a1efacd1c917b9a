package dev.kausal.experiments.watch

import dev.kausal.bundle.Bundle
import dev.kausal.bundle.BundleFiles
import dev.kausal.engine.tensor.Torch
import dev.kausal.experiments.EngineWorkbench
import dev.kausal.experiments.TypedCommands
import dev.kausal.experiments.cli.CommandLine
import dev.kausal.experiments.cli.Console
import dev.kausal.experiments.cli.Session
import dev.kausal.experiments.verify.BundleCheck
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.net.URI
import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardCopyOption.ATOMIC_MOVE
import java.nio.file.StandardCopyOption.REPLACE_EXISTING
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.io.path.createDirectories
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText
import kotlin.io.path.writeText

private val CONTRASTS =
    """
    [{"clean": "The [Eiffel Tower] is located in the city of", "answer": " Paris",
      "corrupted": "The [Colosseum] is located in the city of", "foil": " Rome"}]
    """.trimIndent()

private fun script(edit: String = "ablate(it)", note: String = ""): String =
    """
    $note
    experiment("probe") {
        val lm = model<CausalLm>("embedded:facts")
        val facts = contrasts { fromJson("facts.json") }
        val needed by sweep(facts, logitDifference) { each(heads) { $edit } }
        val trace by sweep(facts, logitDifference) { each(layers) { l -> patch(from = clean, to = corrupted, l) } }
    }
    """.trimIndent()

/** Lines of the error stream, one object each, as they come. */
private class Events : Appendable {
    private val line = StringBuilder()
    val all = LinkedBlockingQueue<JsonObject>()

    override fun append(text: CharSequence?): Appendable = apply { text?.forEach { append(it) } }

    override fun append(text: CharSequence?, from: Int, to: Int): Appendable = append(text?.subSequence(from, to))

    override fun append(c: Char): Appendable = apply {
        if (c != '\n') line.append(c) else all += Json.parseToJsonElement("$line").jsonObject.also { line.clear() }
    }
}

/** `kausal run --watch` as its user sees it: save, and the report follows. */
class WatchTest :
    FunSpec({
        val folder = tempdir().toPath()
        val file = folder.resolve("probe.kausal.kts")
        val data = folder.resolve("facts.json")
        val out = folder.resolve("out")
        data.writeText(CONTRASTS)
        file.writeText(script())
        val events = Events()
        val said = StringBuffer()
        val words = listOf("run", "$file", "--watch", "--out", "$out", "--json")
        val console = Console(said, events)
        val session = Session(EngineWorkbench(), console, folder.resolve("cache"), words, onTerminal = false)
        val thread = Thread { CommandLine(session).run(words) }.apply { isDaemon = true }

        val messages = mutableListOf<String>()

        /** Returns the next event of the watch. */
        fun next(): JsonObject {
            while (true) {
                val event = checkNotNull(events.all.poll(120, TimeUnit.SECONDS)) { "nothing happens: $said $messages" }
                when (event.getValue("event").jsonPrimitive.content) {
                    "watch" -> return event
                    "message" -> messages += event.getValue("text").jsonPrimitive.content
                }
            }
        }

        fun JsonObject.number(name: String) = getValue(name).jsonPrimitive.int

        fun JsonObject.state() = getValue("state").jsonPrimitive.content

        fun served(): String = URI(Regex("watch +(\\S+)").find(said)!!.groupValues[1]).toURL().readText()

        afterSpec {
            thread.interrupt()
            thread.join(20_000)
        }

        test("the first run writes a whole bundle, and its page is served") {
            thread.start()
            val event = next()
            event.state() shouldBe "report"
            event.number("computed") shouldBeGreaterThan 0
            BundleCheck.changed(out, Bundle.read(out)).shouldBeEmpty()
            served() shouldContain "new EventSource"
            out.resolve(BundleFiles.REPORT).readText() shouldNotContain "EventSource"
        }

        test("nothing runs until a file is saved") {
            events.all.poll(3, TimeUnit.SECONDS).shouldBeNull()
        }

        test("a comment runs the script again, and computes nothing") {
            file.writeText(script(note = "// only a comment"))
            val event = next()
            event.state() shouldBe "report"
            event.number("computed") shouldBe 0
            event.number("cells") shouldBeGreaterThan 0
            out.resolve(file.name).readText() shouldContain "only a comment"
        }

        test("a changed edit computes its own cells; the bundle is the new one") {
            val before = Bundle.read(out).results.results.associateBy { it.name }
            file.writeText(script("ablate(it, mean)"))
            val event = next()
            event.number("computed") shouldBeGreaterThan 0
            (event.number("cells") - event.number("computed")) shouldBeGreaterThan 0
            val after = Bundle.read(out).results.results.associateBy { it.name }
            (after.getValue("needed").mean == before.getValue("needed").mean) shouldBe false
            after.getValue("trace").mean shouldBe before.getValue("trace").mean
            BundleCheck.changed(out, Bundle.read(out)).shouldBeEmpty()
        }

        test("mistakes are told, the last report stays, and watching goes on") {
            val report = out.resolve(BundleFiles.REPORT).readText()
            file.writeText(script("ablat(it)"))
            next().state() shouldBe "mistakes"
            messages.last() shouldContain "Unresolved reference 'ablat'"
            out.resolve(BundleFiles.REPORT).readText() shouldBe report
            file.writeText(script("ablate(it)").replace("layers) { l ->", "listOf(99)) { l ->"))
            next().state() shouldBe "mistakes"
            messages.last() shouldContain "no layer 99"
            file.writeText(script())
            next().state() shouldBe "report"
        }

        test("a file that is replaced by another one, as editors save, counts as saved") {
            val other = folder.resolve("probe.new")
            other.writeText(script(note = "// replaced"))
            Files.move(other, file, ATOMIC_MOVE, REPLACE_EXISTING)
            next().state() shouldBe "report"
            out.resolve(file.name).readText() shouldContain "// replaced"
        }

        test("a script that is saved again while it compiles or runs is run again") {
            file.writeText(script(note = "// first"))
            Thread.sleep(250)
            file.writeText(script(note = "// second"))
            do {
                next().state() shouldBe "report"
            } while ("// second" !in out.resolve(file.name).readText())
        }

        test("a data file that the script names counts too") {
            data.writeText(CONTRASTS.replace("city of", "country of"))
            val event = next()
            event.state() shouldBe "report"
            event.number("computed") shouldBeGreaterThan 0
            Bundle.read(out).spec.contrasts.single().contrasts.single().clean.text shouldContain "country of"
        }

        test("files of the user in the bundle's folder survive, and no folder is left behind") {
            out.resolve("notes.txt").writeText("mine")
            file.writeText(script("ablate(it, mean)"))
            next().state() shouldBe "report"
            out.resolve("notes.txt").readText() shouldBe "mine"
            folder.listDirectoryEntries("*.partial-*").shouldBeEmpty()
        }

        test("edits leave no native array and no model behind") {
            fun open(): Int = Torch.manager().use { it.parentManager.managedArrays.size }
            val before = open()
            val half = "hook(lm.blocks[0].residPre) { x -> x * 0.5f }"
            listOf("ablate(it, mean)", half, "ablate(it, zero)", "ablate(it)").forEach {
                file.writeText(script(it))
                next().state() shouldBe "report"
            }
            open() shouldBe before
        }

        test("interrupted, it ends, and the bundle is whole") {
            thread.interrupt()
            thread.join(20_000)
            thread.isAlive shouldBe false
            BundleCheck.changed(out, Bundle.read(out)).shouldBeEmpty()
        }

        test("Ctrl-C ends the process with 130, and leaves a whole bundle and nothing else") {
            val place = folder.resolve("process").createDirectories()
            place.resolve("facts.json").writeText(CONTRASTS)
            val own = place.resolve("probe.kausal.kts").also { it.writeText(script()) }
            val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
            val options = listOf("-cp", System.getProperty("java.class.path"), "dev.kausal.experiments.MainKt")
            val words = listOf("run", "$own", "--watch", "--quiet", "--out", "${place.resolve("out")}")
            // A parent in the background of a shell ignores SIGINT, and children inherit that.
            val process = ProcessBuilder(listOf("env", "--default-signal=INT", java) + options + words)
                .redirectError(place.resolve("log").toFile()).start()
            val lines = process.inputStream.bufferedReader()
            // The address, the bundle and the page.
            val first = List(3) { lines.readLine() }
            first[2] shouldContain "report"
            ProcessBuilder("kill", "-INT", "${process.pid()}").start().waitFor() shouldBe 0
            process.waitFor(60, TimeUnit.SECONDS) shouldBe true
            process.exitValue() shouldBe 130
            place.resolve("log").readText() shouldContain "stopped;"
            BundleCheck.changed(place.resolve("out"), Bundle.read(place.resolve("out"))).shouldBeEmpty()
            place.listDirectoryEntries("*.partial-*").shouldBeEmpty()
        }

        test("what cannot be watched is refused") {
            fun refused(vararg words: String): String {
                val said = TypedCommands(folder.resolve("cache")).run(words.toList())
                said.code shouldBe 2
                return said.err
            }
            refused("run", "fact-recall", "--watch") shouldContain "--watch needs a script file"
            refused("run", "$file", "--watch", "--shard", "1/2", "--out", "$out") shouldContain "leave one out"
            refused("run", "$file", "--port", "8080") shouldContain "--port is the port of the page of --watch"
            refused("run", "$file", "--watch", "--out", "$folder") shouldContain "not an empty folder"
        }
    })
